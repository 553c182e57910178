import { SURFACES, type Surface } from '../../test/end-to-end/chaos/surfaces.ts'
import type { StandInName } from '../../test/upstreams/provider-name.ts'
import { echo } from '../../test/upstreams/stand-ins.ts'

/** What a call came to. */
export interface Called {
  /** What was wrong with it; undefined when the answer was whole and its own. */
  readonly fault: string | undefined
  /** How each attempt ended, from `x-keyway-attempts`. */
  readonly outcomes: readonly string[]
}

/** Chat, the Responses API, messages and Azure's path, in this order by turns. */
const IN_USE = ['chat', 'responses', 'messages', 'azure path'].map((name): Surface => {
  const found = SURFACES.find((surface) => surface.name === name)
  if (found === undefined) throw new Error(`no surface ${name}`)
  return found
})

/** Makes the call of this number: with one surface after the other, every other time streamed. */
export async function makeCall(
  { url, apiKey }: { readonly url: string; readonly apiKey: string },
  { number, route, speakers }: CallPlan,
): Promise<Called> {
  const surface = IN_USE[number % IN_USE.length]
  if (surface === undefined) throw new Error('no surface in use')
  const stream = Math.floor(number / IN_USE.length) % 2 === 0
  const prompt = `Number ${number} says ${crypto.randomUUID()}`
  const { path, body } = surface.request(route, prompt, stream)
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'x-keyway-api-key': apiKey, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  const attempts = (response.headers.get('x-keyway-attempts') ?? '').split(', ')
  const outcomes = attempts.map((one) => one.slice(one.indexOf(':') + 1))
  const wanted = speakers.map((speaker) => echo(speaker, prompt))
  const by = response.headers.get('x-keyway-provider') ?? 'nobody'
  const place = `${surface.name} by ${by}${stream ? ', streamed' : ''} (${outcomes.join(', ')})`
  return { fault: faultIn(text, { response, surface, stream, wanted, place }), outcomes }
}

export interface CallPlan {
  readonly number: number
  readonly route: string
  /** Whoever may answer. */
  readonly speakers: readonly StandInName[]
}

interface Reading {
  readonly response: Response
  readonly surface: Surface
  readonly stream: boolean
  readonly wanted: readonly string[]
  readonly place: string
}

function faultIn(
  text: string,
  { response, surface, stream, wanted, place }: Reading,
): string | undefined {
  if (!response.ok) return `${place}: ${response.status} ${text.slice(0, 300)}`
  if (stream && !surface.ends.endsWell(text)) return `${place}: cut short: ${text.slice(-300)}`
  const said = stream ? surface.streamed(text) : surface.whole(JSON.parse(text))
  return wanted.includes(said) ? undefined : `${place}: not its own answer: ${text.slice(0, 300)}`
}
