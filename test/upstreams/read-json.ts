import { z } from 'zod'
import { refuse, type Incoming } from './provider.ts'

/** The body as JSON, or a refusal: the media type and the syntax are checked. */
export function readJson(request: Incoming): unknown {
  const [mediaType = ''] = (request.headers['content-type'] ?? '').split(';')
  if (mediaType.trim().toLowerCase() !== 'application/json') {
    refuse('media-type', `content-type is "${mediaType}", expected application/json`)
  }
  if (request.headers['content-encoding']) refuse('media-type', 'encoded bodies are not taken')
  try {
    return JSON.parse(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(request.body),
    )
  } catch {
    return refuse('bad-request', 'We could not parse the JSON body of your request.')
  }
}

/** How a provider words a field that it does not know, and a field that is wrong. */
export interface Wording {
  kind?: 'bad-request' | 'unprocessable'
  unknownField: (path: string) => string
  wrongField?: (path: string, detail: string) => string
  unknownCode?: string
  wrongCode?: string
}

/** The body as `schema` wants it, or a refusal in the provider's words that names the first wrong field. */
export function checkBody<T>(schema: z.ZodType<T>, value: unknown, wording: Wording): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = deepest(result.error.issues)
  const kind = wording.kind ?? 'bad-request'
  if (issue?.code === 'unrecognized_keys') {
    const param = [...issue.path, issue.keys[0] ?? ''].join('.')
    return refuse(kind, wording.unknownField(param), { param, ...codeOf(wording.unknownCode) })
  }
  const param = issue?.path.join('.') ?? ''
  const detail = issue?.message ?? 'invalid'
  const message = wording.wrongField?.(param, detail) ?? `${param}: ${detail}`
  return refuse(kind, message, { param, ...codeOf(wording.wrongCode) })
}

const codeOf = (code: string | undefined) => (code === undefined ? {} : { code })

type Issue = z.core.$ZodIssue

/** In a union the branch that got furthest says best what is wrong. */
function deepest(issues: readonly Issue[], prefix: readonly PropertyKey[] = []): Issue | undefined {
  const candidates = issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path]
    const inner =
      issue.code === 'invalid_union' ? issue.errors.map((branch) => deepest(branch, path)) : []
    const found = inner.filter((one) => one !== undefined)
    return found.length > 0 ? found : [{ ...issue, path }]
  })
  let best: Issue | undefined
  for (const one of candidates) if (!best || one.path.length > best.path.length) best = one
  return best
}

/** A string that must not be empty. */
export const text = z.string().min(1)

/** An object whose members are nobody's business here. */
export const anything = z.record(z.string(), z.unknown())
