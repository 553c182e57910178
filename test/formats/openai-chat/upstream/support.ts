import { assembleAnswer } from '../../../../src/core/assemble-answer.ts'
import type { ChatEvent } from '../../../../src/core/chat-events.ts'
import type { ChatMessage, ChatRequest } from '../../../../src/core/chat.ts'
import { compatOf, type CompatMode } from '../../../../src/core/compat.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { adaptRequest, chunkAdapter } from '../../../../src/formats/openai-chat/flavour.ts'
import type { ChatProfile } from '../../../../src/formats/openai-chat/profile.ts'
import { openAiChatUpstream } from '../../../../src/formats/openai-chat/upstream.ts'
import { openAiChatProfile } from '../../../../src/providers/models/openai.ts'

/** A list of which a test knows that it is long enough. */
type Some<Item> = readonly [Item, Item, Item, Item, Item, ...Item[]]

/** Bodies and chunks, as tests look into them: what is not there fails the test. */
export interface Wire {
  readonly messages: Some<WireMessage>
  readonly tools: Some<{
    readonly function: { readonly name: string; readonly parameters: unknown }
  }>
  readonly tool_choice: { readonly function: { readonly name: string } }
  readonly safety_identifier: string
  readonly thinking?: { readonly type: string }
  readonly reasoning_effort?: string
  readonly choices: Some<WireChoice>
  readonly model: string
  readonly [member: string]: unknown
}
export interface WireMessage {
  readonly role: string
  readonly content: unknown
  readonly tool_calls: Some<WireCall>
  readonly tool_call_id: string
  readonly [member: string]: unknown
}
interface WireCall {
  readonly index: number
  readonly id: string
  readonly function: { readonly name: string }
}
interface WireChoice {
  readonly index: number
  readonly delta: { readonly tool_calls: Some<WireCall> }
  readonly message: WireMessage
  readonly finish_reason: string | null
}

/** A model that takes all there is in the dialect. */
export const plain = openAiChatProfile('gpt-4.1')

export const user = (text: string): ChatMessage => ({
  role: 'user',
  content: [{ kind: 'text', text }],
})

export const system = (text: string): ChatMessage => ({
  role: 'system',
  content: [{ kind: 'text', text }],
})

export const assistant = (text: string): ChatMessage => ({
  role: 'assistant',
  content: [{ kind: 'text', text }],
})

export const calls = (...ids: readonly string[]): ChatMessage => ({
  role: 'assistant',
  content: ids.map((id) => ({ kind: 'tool-call', id, name: 'look', arguments: `{"at":"${id}"}` })),
})

export const result = (callId: string, text = `result of ${callId}`): ChatMessage => ({
  role: 'tool',
  callId,
  content: [{ kind: 'text', text }],
})

export const look = { name: 'look', parameters: { type: 'object', properties: {} } }

export const requestOf = (asked: Partial<ChatRequest> = {}): ChatRequest => ({
  messages: [user('hello')],
  tools: [],
  stop: [],
  stream: false,
  rest: {},
  ...asked,
})

/** The body, as the provider would read it, and the warnings that came with it. */
export function encode(
  asked: Partial<ChatRequest>,
  profile: ChatProfile = plain,
  mode: CompatMode = 'default',
): { body: Wire; warnings: string[] } {
  const warnings: string[] = []
  const compat = compatOf({ mode, target: 'host/model', names: {}, warn: (w) => warnings.push(w) })
  const body = openAiChatUpstream.encodeRequest(requestOf(asked), {
    model: 'model',
    profile,
    compat,
  })
  return { body: JSON.parse(JSON.stringify(body)), warnings }
}

/** The same for a caller's own body in the same format. */
export function adapt(
  body: JsonObject,
  profile: ChatProfile,
  mode: CompatMode = 'default',
): { body: Wire; warnings: string[] } {
  const warnings: string[] = []
  const compat = compatOf({ mode, target: 'host/model', names: {}, warn: (w) => warnings.push(w) })
  const before = JSON.stringify(body)
  const adapted = adaptRequest(body, { model: 'model', profile, compat })
  if (JSON.stringify(body) !== before) throw new Error('the body that came in was changed')
  return { body: JSON.parse(JSON.stringify(adapted)), warnings }
}

export interface Decoding {
  readonly profile?: ChatProfile
  readonly request?: Partial<ChatRequest>
  /** Given as it is, without the last word behind it. */
  readonly isOpen?: boolean
}

const sourceOf = ({ profile = plain, request = {} }: Decoding) => ({
  model: 'model',
  profile,
  request: requestOf(request),
  requestId: 'req_1',
})

/** What a stream of these chunks means. */
export function events(chunks: readonly unknown[], decoding: Decoding = {}): ChatEvent[] {
  const seen: ChatEvent[] = []
  const decoder = openAiChatUpstream.streamDecoder(sourceOf(decoding), (event) => seen.push(event))
  for (const chunk of chunks) {
    decoder.next({ name: '', data: typeof chunk === 'string' ? chunk : JSON.stringify(chunk) })
  }
  if (decoding.isOpen !== true) decoder.next({ name: '', data: '[DONE]' })
  decoder.close()
  return seen
}

export function assembled(seen: readonly ChatEvent[]) {
  const assembly = assembleAnswer()
  for (const event of seen) assembly.next(event)
  return assembly.answer()
}

export const decode = (body: JsonObject, decoding: Decoding = {}) =>
  openAiChatUpstream.decodeAnswer(body, sourceOf(decoding))

/** A chunk of the first choice. */
export const chunk = (delta: JsonObject, finish?: string, more: JsonObject = {}): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: 'model-1',
  choices: [{ index: 0, delta, ...(finish === undefined ? {} : { finish_reason: finish }) }],
  ...more,
})

export const call = (index: number | undefined, more: JsonObject): JsonObject => ({
  tool_calls: [{ ...(index === undefined ? {} : { index }), ...more }],
})

export const answerOf = (
  message: JsonObject,
  finish_reason = 'stop',
  more: JsonObject = {},
): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'model-1',
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason }],
  ...more,
})

/** The chunks that a caller of the same format is given. */
export function adaptedChunks(
  chunks: readonly JsonObject[],
  profile: ChatProfile,
  body: JsonObject = {},
): Some<Wire> {
  const adapter = chunkAdapter({ profile, body, requestId: 'req_1', createdSeconds: 5 })
  const adapted = [...chunks.map((one) => adapter.next(one)), adapter.last()]
  return adapted.filter((one) => one !== undefined) as unknown as Some<Wire>
}
