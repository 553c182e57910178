import { assembleAnswer } from '../../../src/core/assemble-answer.ts'
import type { ChatEvent } from '../../../src/core/chat-events.ts'
import type {
  AssistantPart,
  ChatAnswer,
  ChatMessage,
  ChatRequest,
  ReasoningProof,
} from '../../../src/core/chat.ts'
import { type CompatMode, compatOf } from '../../../src/core/compat.ts'
import type { JsonObject } from '../../../src/core/parse.ts'
import type { DecodeSource } from '../../../src/core/translation.ts'
import type { GeminiProfile } from '../../../src/formats/gemini/profile.ts'
import { geminiUpstream } from '../../../src/formats/gemini/upstream.ts'
import { geminiProfile } from '../../../src/providers/models/gemini.ts'
import { generateBody, type GenerateBody } from '../../upstreams/dialects/gemini-body.ts'
import { checkGeminiRules } from '../../upstreams/dialects/gemini-rules.ts'
import { NO_SIGNATURE } from '../../upstreams/dialects/gemini-signature.ts'

export const request = (members: Partial<ChatRequest>): ChatRequest => ({
  messages: [user('Hello')],
  tools: [],
  stop: [],
  stream: false,
  rest: {},
  ...members,
})

export const user = (text: string): ChatMessage => ({
  role: 'user',
  content: [{ kind: 'text', text }],
})

export const system = (...texts: readonly string[]): ChatMessage => ({
  role: 'system',
  content: texts.map((text) => ({ kind: 'text', text })),
})

export const assistant = (...content: readonly AssistantPart[]): ChatMessage => ({
  role: 'assistant',
  content,
})

export const said = (text: string) => ({ kind: 'text', text }) as const

export const call = (id: string, name = 'look', args = '{}', signature?: string) =>
  ({
    kind: 'tool-call',
    id,
    name,
    arguments: args,
    ...(signature === undefined ? {} : { proof: proof(signature) }),
  }) as const

export const result = (callId: string, text: string, isError?: boolean): ChatMessage => ({
  role: 'tool',
  callId,
  content: [{ kind: 'text', text }],
  ...(isError === undefined ? {} : { isError }),
})

export const proof = (value: string): ReasoningProof => ({
  family: 'gemini',
  kind: 'signature',
  value,
})

export interface Encoded {
  readonly body: GenerateBody
  readonly warnings: readonly string[]
}

/** The body for a model; the stand-in for Google takes it, or this throws what the stand-in has against it. */
export function encode(
  members: Partial<ChatRequest>,
  model = 'gemini-3.7-flash',
  mode: CompatMode = 'default',
): Encoded {
  const warnings: string[] = []
  const compat = compatOf({
    mode,
    target: `google/${model}`,
    names: {},
    warn: (warning) => void warnings.push(warning),
  })
  const sent = geminiUpstream.encodeRequest(request(members), {
    model,
    profile: geminiProfile(model),
    compat,
  })
  // What goes over the wire: members that are undefined are not in it.
  const body = JSON.parse(JSON.stringify(sent)) as GenerateBody
  requireTakenByGoogle(body, model)
  return { body, warnings }
}

export function requireTakenByGoogle(body: GenerateBody, model: string): void {
  // Signatures in these tests are short and made up; whether they are Google's is not what most of them are about.
  const unsigned: unknown = JSON.parse(JSON.stringify(body), (name, value: unknown) =>
    name === 'thoughtSignature' ? NO_SIGNATURE : value,
  )
  checkGeminiRules(generateBody.parse(unsigned), model)
}

export const contentsOf = (members: Partial<ChatRequest>, model?: string) =>
  encode(members, model).body.contents

export const configOf = (members: Partial<ChatRequest>, model?: string) =>
  encode(members, model).body.generationConfig

export const source = (
  members: Partial<ChatRequest> = {},
  model = 'gemini-3.7-flash',
): DecodeSource<GeminiProfile> => ({
  model,
  profile: geminiProfile(model),
  request: request(members),
  requestId: 'req_1',
})

/** What a stream of chunks says; a chunk that is a string is sent as it is. */
export function eventsOf(
  chunks: readonly (JsonObject | string)[],
  from: DecodeSource<GeminiProfile> = source(),
  isClosed = true,
): readonly ChatEvent[] {
  const events: ChatEvent[] = []
  const decoder = geminiUpstream.streamDecoder(from, (event) => void events.push(event))
  for (const chunk of chunks) {
    decoder.next({ name: '', data: typeof chunk === 'string' ? chunk : JSON.stringify(chunk) })
  }
  if (isClosed) decoder.close()
  return events
}

export function assembled(events: readonly ChatEvent[]): ChatAnswer | undefined {
  const assembly = assembleAnswer()
  for (const event of events) assembly.next(event)
  return assembly.answer()
}

export const chunk = (parts: readonly object[], more: object = {}, around: object = {}) => ({
  candidates: [{ content: { role: 'model', parts }, ...more }],
  ...around,
})
