import { assembleAnswer } from '../../../src/core/assemble-answer.ts'
import type { ChatEvent } from '../../../src/core/chat-events.ts'
import type {
  AssistantPart,
  ChatAnswer,
  ChatMessage,
  ChatRequest,
  Tool,
  UserPart,
} from '../../../src/core/chat.ts'
import { type CompatMode, compatOf } from '../../../src/core/compat.ts'
import type { JsonObject } from '../../../src/core/parse.ts'
import type { DecodeSource } from '../../../src/core/translation.ts'
import type { ConverseProfile } from '../../../src/formats/bedrock-converse/profile.ts'
import { bedrockConverseUpstream } from '../../../src/formats/bedrock-converse/upstream.ts'
import { converseProfile } from '../../../src/providers/models/bedrock.ts'
import { type ConverseBody, converseBody } from '../../upstreams/dialects/bedrock-converse-body.ts'
import { checkConverseRules } from '../../upstreams/dialects/bedrock-converse-rules.ts'
import { redactThinking, signThinking } from '../../upstreams/dialects/claude-thinking.ts'

/** Models that differ in what they take. */
export const NOVA = 'us.amazon.nova-pro-v1:0'
export const NOVA_2 = 'global.amazon.nova-2-lite-v1:0'
export const LLAMA = 'us.meta.llama3-3-70b-instruct-v1:0'
export const MISTRAL = 'mistral.mistral-large-2407-v1:0'
export const TITAN = 'amazon.titan-text-express-v1'
export const QWEN = 'qwen.qwen3-32b-v1:0'
export const GPT_OSS = 'openai.gpt-oss-120b-1:0'
export const GPT = 'us.openai.gpt-5.6-sol'
export const OPAQUE =
  'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd1234efgh'
export const CLAUDE_37 = 'us.anthropic.claude-3-7-sonnet-20250219-v1:0'
export const CLAUDE_45 = 'us.anthropic.claude-opus-4-5-20251101-v1:0'
export const CLAUDE_46 = 'anthropic.claude-sonnet-4-6'
export const CLAUDE_5 = 'global.anthropic.claude-sonnet-5'
export const CLAUDE_55 = 'global.anthropic.claude-opus-5-5'

export const request = (members: Partial<ChatRequest> = {}): ChatRequest => ({
  messages: [user('Hello')],
  tools: [],
  stop: [],
  stream: false,
  rest: {},
  ...members,
})

export const said = (text: string) => ({ kind: 'text', text }) as const

const parts = <Part>(content: readonly (Part | string)[]) =>
  content.map((part) => (typeof part === 'string' ? said(part) : part))

export const user = (...content: readonly (UserPart | string)[]): ChatMessage => ({
  role: 'user',
  content: parts<UserPart>(content),
})

export const system = (...texts: readonly string[]): ChatMessage => ({
  role: 'system',
  content: texts.map(said),
})

export const assistant = (...content: readonly (AssistantPart | string)[]): ChatMessage => ({
  role: 'assistant',
  content: parts<AssistantPart>(content),
})

export const call = (id: string, name = 'look', text = '{}') =>
  ({ kind: 'tool-call', id, name, arguments: text }) as const

export const result = (
  callId: string,
  content: string | readonly UserPart[],
  isError?: boolean,
): ChatMessage => ({
  role: 'tool',
  callId,
  content: typeof content === 'string' ? [said(content)] : content,
  ...(isError === undefined ? {} : { isError }),
})

export const tool = (name = 'look', more: Partial<Tool> = {}): Tool => ({ name, ...more })

export const image = (mediaType = 'image/png'): UserPart => ({
  kind: 'image',
  source: { kind: 'data', mediaType, data: 'QUJD' },
})

export const file = (mediaType: string, name?: string): UserPart => ({
  kind: 'file',
  source: { kind: 'data', mediaType, data: 'QUJD' },
  ...(name === undefined ? {} : { name }),
})

export interface Encoded {
  readonly body: ConverseBody
  readonly warnings: readonly string[]
}

/** The body for a model, as it goes over the wire; the stand-in takes it, or this throws what it has against it. */
export function encode(
  members: Partial<ChatRequest>,
  model = NOVA,
  mode: CompatMode = 'default',
): Encoded {
  const warnings = new Set<string>()
  const compat = compatOf({
    mode,
    target: `bedrock/${model}`,
    names: {},
    warn: (warning) => void warnings.add(warning),
  })
  const profile = converseProfile(model)
  const sent = bedrockConverseUpstream.encodeRequest(request(members), { model, profile, compat })
  const body = converseBody.parse(JSON.parse(JSON.stringify(sent)))
  checkConverseRules(withoutThoughtfulThinking(withGoodProofs(body)), model)
  return { body, warnings: [...warnings] }
}

/** Proofs in these tests are made up; whether they are the model's own is not what most of them are about. */
function withGoodProofs(body: ConverseBody): ConverseBody {
  const messages = body.messages.map(({ role, content }) => ({
    role,
    content: content.map((block) => {
      if (!('reasoningContent' in block)) return block
      const { reasoningContent } = block
      if ('redactedContent' in reasoningContent) {
        return { reasoningContent: { redactedContent: redactThinking('') } }
      }
      const { text } = reasoningContent.reasoningText
      return { reasoningContent: { reasoningText: { text, signature: signThinking(text, '') } } }
    }),
  }))
  return { ...body, messages }
}

/**
 * The stand-in wants a thought in the last turn that calls tools; Claude wants one where its answer begins, of however
 * many turns it is. So which conversations it may think about is left to the tests of that.
 */
function withoutThoughtfulThinking(body: ConverseBody): ConverseBody {
  const blocks = body.messages.flatMap(({ content }) => content)
  if (!blocks.some((block) => 'reasoningContent' in block)) return body
  const { thinking: _, ...fields } = body.additionalModelRequestFields ?? {}
  return { ...body, additionalModelRequestFields: fields }
}

export const messagesOf = (messages: readonly ChatMessage[], model?: string) =>
  encode({ messages }, model).body.messages

export const source = (
  members: Partial<ChatRequest> = {},
  model = NOVA,
): DecodeSource<ConverseProfile> => ({
  model,
  profile: converseProfile(model),
  request: request(members),
  requestId: 'req_1',
})

/** An event as recordings have it: one member, named like the event. */
export type Frame = Readonly<Record<string, JsonObject>>

/** What a stream of events says. */
export function eventsOf(
  frames: readonly Frame[],
  from: DecodeSource<ConverseProfile> = source(),
  isClosed = true,
): readonly ChatEvent[] {
  const events: ChatEvent[] = []
  const decoder = bedrockConverseUpstream.streamDecoder(from, (event) => void events.push(event))
  for (const frame of frames) {
    for (const [name, payload] of Object.entries(frame)) {
      decoder.next({ name, data: JSON.stringify(payload) })
    }
  }
  if (isClosed) decoder.close()
  return events
}

export function assembled(events: readonly ChatEvent[]): ChatAnswer | undefined {
  const assembly = assembleAnswer()
  for (const event of events) assembly.next(event)
  return assembly.answer()
}
