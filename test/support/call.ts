import { dataPlaneOperations } from '../../src/routes/openapi/data-plane.ts'
import { describedBy } from './described.ts'
import type { Keyway, Organization } from './keyway.ts'

const requireDescribed = describedBy(dataPlaneOperations)

/** One request by hand, where an SDK would not send it. */
export interface Call {
  readonly path: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Text is sent as it is, anything else as JSON. */
  readonly body?: unknown
  /** The key's place; by default `Authorization: Bearer`. */
  readonly apiKey?: string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: unknown
}

/** Sends it to Keyway as an organization and reads the whole answer, which is one that the OpenAPI document tells of. */
export async function call(
  keyway: Pick<Keyway, 'url'>,
  organization: Pick<Organization, 'apiKey'> | undefined,
  { path, method = 'POST', headers = {}, body, apiKey = organization?.apiKey }: Call,
): Promise<Answer> {
  const response = await fetch(keyway.url + path, {
    method,
    headers: {
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined || typeof body === 'string' ? (body ?? null) : JSON.stringify(body),
    redirect: 'manual',
  })
  requireDescribed({ method, path, response })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: parse(text) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const messages = [{ role: 'user', content: 'Hello' }]

/** A call that works on each surface. */
export const chatCall: Call = {
  path: '/v1/chat/completions',
  body: { model: 'openai/gpt-4.1', messages },
}
export const messagesCall: Call = {
  path: '/v1/messages',
  body: { model: 'anthropic/claude-sonnet-5-5', max_tokens: 9, messages },
}
export const nativeCall: Call = {
  path: '/native/openai/v1/chat/completions',
  body: { model: 'gpt-4.1', messages },
}
