import type { KeyCredential } from '../core/credentials.ts'
import type { MemberEdits } from '../core/json-members.ts'
import type { WireFormat } from '../core/wire-format.ts'
import { keyCredential } from '../upstream-auth/static-key.ts'
import type { NativeDialect, Passthrough, Probe, Service, ServiceCall } from './provider.ts'

/** What providers that speak OpenAI's formats have in common. */

export const setModel = ({ model }: ServiceCall): MemberEdits => ({ set: { model } })

/** An operation of OpenAI's, at OpenAI's path. */
const service = (format: WireFormat, path: string): Service => ({
  format,
  path: () => path,
  edits: setModel,
})

export const chatCompletions = service('openai-chat', '/chat/completions')
export const responses = service('openai-responses', '/responses')
export const embeddings = service('openai-embeddings', '/embeddings')

/** Callers send their own keys as OpenAI's SDK does. */
export const bearerFromCaller: Passthrough<KeyCredential> = {
  header: 'authorization',
  credentialOf: keyCredential,
}

export const modelList: Probe<KeyCredential> = { path: () => '/models' }

export const openAiDialects: readonly (readonly [RegExp, NativeDialect])[] = [
  [/\/responses(?:\/|$)/, 'openai-responses'],
  [/\/anthropic\//, 'anthropic-messages'],
  [/^/, 'openai-chat'],
]
