import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, call } from '../support/call.ts'
import { type Keyway, type Organization, startKeyway } from '../support/keyway.ts'

const OPENAI = 'openai/gpt-4.1'
const CLAUDE = 'anthropic/claude-sonnet-5-5'

let keyway: Keyway
let own: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  own = await keyway.organization({ providers: ['openai', 'anthropic'] })
})
afterAll(() => keyway[Symbol.asyncDispose]())

/** Makes a weighted route to both and gives its name. */
async function routeTo(name: string, more: object = {}): Promise<string> {
  await keyway.management.post(`/${own.id}/routes`, {
    name,
    strategy: 'weighted',
    targets: [{ model: OPENAI }, { model: CLAUDE }],
    ...more,
  })
  return name
}

const answeredBy = ({ status, headers, text }: Answer): string => {
  expect(status, text).toBe(200)
  return `${headers.get('x-keyway-provider')}/${headers.get('x-keyway-model')}`
}

const user = (content: string) => ({ role: 'user', content })
const TURN = [{ role: 'assistant', content: 'Hello yourself' }, user('And now?')]

interface Surface {
  readonly path: string
  /** A conversation that begins with a text, and goes on as it does. */
  readonly body: (first: string, more: readonly object[]) => object
}

const SURFACES: readonly Surface[] = [
  {
    path: '/v1/chat/completions',
    body: (first, more) => ({
      messages: [{ role: 'system', content: 'Be brief.' }, user(first), ...more],
    }),
  },
  {
    path: '/v1/messages',
    body: (first, more) => ({
      system: [{ type: 'text', text: 'Be brief.' }],
      max_tokens: 99,
      messages: [user(first), ...more],
    }),
  },
  {
    path: '/v1/responses',
    body: (first, more) => ({
      instructions: 'Be brief.',
      input: more.length === 0 ? first : [user(first), ...more],
    }),
  },
]

/** So many conversations all go to one of two targets once in 2 to the power of 39. */
const MANY = 40

describe('a weighted route', () => {
  test.each(SURFACES)(
    'keeps each conversation at one target, and shares them out: $path',
    async ({ path, body }) => {
      const name = await routeTo(`keeps${path.replaceAll('/', '-')}`)
      const seen = new Set<string>()
      for (let count = 0; count < MANY && (count < 6 || seen.size < 2); count++) {
        const say = (more: readonly object[]): Promise<Answer> =>
          call(keyway, own, { path, body: { model: name, ...body(`story ${count}`, more) } })
        const target = answeredBy(await say([]))
        seen.add(target)
        for (const more of [TURN, [...TURN, ...TURN]]) {
          expect(answeredBy(await say(more))).toBe(target)
        }
      }
      expect(seen.size).toBe(2)
    },
  )

  test('counts the tokens of a conversation where it is held', async () => {
    const name = await routeTo('counts')
    for (let count = 0; count < 10; count++) {
      const body = { model: name, messages: [user(`story ${count}`)] }
      const path = '/v1/messages'
      const held = await call(keyway, own, { path, body: { ...body, max_tokens: 9 } })
      const counted = await call(keyway, own, { path: `${path}/count_tokens`, body })
      expect(answeredBy(counted)).toBe(answeredBy(held))
    }
  })

  test('sends a conversation on to the other target while its own fails, turn after turn', async () => {
    const name = await routeTo('moves')
    const path = '/v1/chat/completions'
    const say = (): Promise<Answer> =>
      call(keyway, own, { path, body: { model: name, messages: [user('Hello')] } })
    const target = answeredBy(await say())
    const provider = target === OPENAI ? 'openai' : 'anthropic'
    const other = target === OPENAI ? CLAUDE : OPENAI
    keyway.standIns.misbehave(provider, { kind: 'server-error' }, { times: 2 })
    for (let turn = 0; turn < 2; turn++) expect(answeredBy(await say())).toBe(other)
    keyway.standIns.reset()
  })

  test.each([
    [
      'that keeps to nothing',
      { sticky: 'none' },
      '/v1/chat/completions',
      { messages: [user('Hello')] },
    ],
    [
      'for what is no conversation',
      { targets: ['small', 'large'].map((size) => ({ model: `openai/text-embedding-3-${size}` })) },
      '/v1/embeddings',
      { input: 'Hello' },
    ],
  ])('%s draws anew for every call', async (name, more, path, body) => {
    const route = await routeTo(name.replaceAll(' ', '-'), more)
    const seen = new Set<string>()
    for (let count = 0; count < MANY && seen.size < 2; count++) {
      seen.add(answeredBy(await call(keyway, own, { path, body: { model: route, ...body } })))
    }
    expect(seen.size).toBe(2)
  })
})
