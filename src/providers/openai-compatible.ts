import type { KeyCredential } from '../core/credentials.ts'
import type { MemberEdits } from '../core/json-members.ts'
import { withoutForeignMembers } from '../formats/openai-chat/foreign-members.ts'
import type { ChatProfile } from '../formats/openai-chat/profile.ts'
import {
  type Encryption,
  isOpenAiEncryption,
  withoutForeignItems,
} from '../formats/openai-responses/foreign-items.ts'
import type { ResponsesProfile } from '../formats/openai-responses/profile.ts'
import { keyCredential } from '../upstream-auth/static-key.ts'
import type {
  ModelPlace,
  NativeDialect,
  Passthrough,
  Probe,
  Service,
  ServiceCall,
} from './provider.ts'

/** What providers that speak OpenAI's formats have in common. */

export const setModel = ({ model }: ServiceCall): MemberEdits => ({ set: { model } })

/** Edits for Chat Completions with OpenAI's own models: the model, and nothing that other models left in the conversation. */
export function chatEdits({ model, body }: Pick<ServiceCall, 'model' | 'body'>): MemberEdits {
  const messages = withoutForeignMembers(body)
  return { set: { model, ...(messages === undefined ? {} : { messages }) } }
}

/** Edits for Responses with OpenAI's own models: the model, and nothing that other models left in the input. */
export function responsesEdits(
  { model, body }: Pick<ServiceCall, 'model' | 'body'>,
  isOwn: Encryption = isOpenAiEncryption,
): MemberEdits {
  const input = withoutForeignItems(body, isOwn)
  return { set: { model, ...(input === undefined ? {} : { input }) } }
}

/** Operations of OpenAI's, at OpenAI's paths. */

export const chatCompletions = (
  profile: (model: string) => ChatProfile,
): Extract<Service, { format: 'openai-chat' }> => ({
  format: 'openai-chat',
  path: () => '/chat/completions',
  edits: setModel,
  profile,
})

/** Chat Completions, spoken by a provider in a way of its own. */
export const flavouredChat = (profile: (model: string) => ChatProfile): Service => ({
  ...chatCompletions(profile),
  isFlavoured: true,
})

export const responses = (
  profile: (model: string) => ResponsesProfile,
): Extract<Service, { format: 'openai-responses' }> => ({
  format: 'openai-responses',
  path: () => '/responses',
  edits: (call) => responsesEdits(call),
  profile,
})

export const embeddings: Service = {
  format: 'openai-embeddings',
  path: () => '/embeddings',
  edits: setModel,
}

/** Callers send their own keys as OpenAI's SDK does. */
export const bearerFromCaller: Passthrough<KeyCredential> = {
  header: 'authorization',
  credentialOf: keyCredential,
}

export const modelList: Probe<KeyCredential> = { path: () => '/models' }

/** Paths of OpenAI's that read the body's `model`. Batches, assistants and others have theirs elsewhere. */
export const openAiModel: ModelPlace = [
  /^(?:\/v\d+)?\/(?:(?:chat\/)?completions|responses(?:\/compact|\/input_tokens)?|embeddings|moderations|images\/generations|audio\/speech)$/,
  'body',
]

/** The same of Anthropic's, whose batches have a model in each request. */
export const messagesModel: ModelPlace = [
  /^(?:\/anthropic)?(?:\/v1)?\/messages(?:\/count_tokens)?$/,
  'body',
]

export const openAiDialects: readonly (readonly [RegExp, NativeDialect])[] = [
  [/\/responses(?:\/|$)/, 'openai-responses'],
  [/\/anthropic\//, 'anthropic-messages'],
  [/^/, 'openai-chat'],
]
