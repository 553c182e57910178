import type { Answer } from './call.ts'

/** A surface of conversations, and what is sent there to a model. */
export interface Surface {
  readonly path: string
  readonly body: (name: string) => Record<string, unknown>
}

const messages = [{ role: 'user', content: 'Hello' }]

export const chatSurface: Surface = {
  path: '/v1/chat/completions',
  body: (model) => ({ model, messages }),
}

export const SURFACES: readonly Surface[] = [
  chatSurface,
  { path: '/v1/messages', body: (model) => ({ model, messages, max_tokens: 99 }) },
  { path: '/v1/responses', body: (model) => ({ model, input: 'Hello' }) },
]

/** How each attempt ended, in order. */
export const outcomes = ({ headers }: Answer): string[] =>
  (headers.get('x-keyway-attempts') ?? '').split(', ').map((one) => one.slice(one.indexOf(':') + 1))

/** The full name of the model that answered. */
export const answeredBy = ({ headers }: Answer): string =>
  `${headers.get('x-keyway-provider')}/${headers.get('x-keyway-model')}`
