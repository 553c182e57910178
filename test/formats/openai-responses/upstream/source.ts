import { assembleAnswer } from '../../../../src/core/assemble-answer.ts'
import type { ChatEvent } from '../../../../src/core/chat-events.ts'
import type { ChatAnswer, ChatMessage, ChatRequest } from '../../../../src/core/chat.ts'
import { type CompatMode, compatOf } from '../../../../src/core/compat.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import type { DecodeSource } from '../../../../src/core/translation.ts'
import type { ResponsesProfile } from '../../../../src/formats/openai-responses/profile.ts'
import { openAiResponsesUpstream } from '../../../../src/formats/openai-responses/upstream.ts'
import { openAiResponsesProfile } from '../../../../src/providers/models/openai-responses.ts'

export const user = (text: string): ChatMessage => ({
  role: 'user',
  content: [{ kind: 'text', text }],
})

export const request = (members: Partial<ChatRequest> = {}): ChatRequest => ({
  messages: [user('hi')],
  tools: [],
  stop: [],
  stream: false,
  rest: {},
  ...members,
})

export interface Encoded {
  readonly body: JsonObject
  readonly warnings: readonly string[]
}

export function encode(
  members: Partial<ChatRequest>,
  profile: ResponsesProfile | string = 'gpt-5.6-sol',
  mode: CompatMode = 'default',
): Encoded {
  const warnings: string[] = []
  const compat = compatOf({
    mode,
    target: 'p/m',
    names: {},
    warn: (warning) => void warnings.push(warning),
  })
  const known = typeof profile === 'string' ? openAiResponsesProfile(profile) : profile
  const target = { model: 'm', profile: known, compat }
  return { body: openAiResponsesUpstream.encodeRequest(request(members), target), warnings }
}

export const source = (
  members: Partial<ChatRequest> = {},
  model = 'gpt-5.6-sol',
): DecodeSource<ResponsesProfile> => ({
  model,
  profile: openAiResponsesProfile(model),
  request: request(members),
  requestId: 'req_1',
})

/** What a stream of events means, each under the name that its data says. */
export function eventsOf(events: readonly JsonObject[], from = source()): readonly ChatEvent[] {
  const told: ChatEvent[] = []
  const decoder = openAiResponsesUpstream.streamDecoder(from, (event) => void told.push(event))
  for (const event of events) {
    decoder.next({ name: String(event['type']), data: JSON.stringify(event) })
  }
  decoder.close()
  return told
}

/** The whole answer that a stream is; undefined where it was cut off. */
export function assembled(events: readonly ChatEvent[]): ChatAnswer | undefined {
  const assembly = assembleAnswer()
  for (const event of events) assembly.next(event)
  return assembly.answer()
}
