import type { Answer, Frame, ProblemKind } from '../provider.ts'
import { alphabets, randomText } from '../random.ts'
import { callsOf, joined, type Finish, type Reply, type Usage } from '../reply.ts'
import { chatDeltas, type ChatDelta } from './openai-chat-deltas.ts'
import { jsonAnswer, sse, sseAnswer, type Headers } from './sse.ts'

/** What the providers who speak OpenAI's chat format do differently. */
export interface ChatFlavour {
  newId: () => string
  newToolCallId: () => string
  /** Members of every chunk and of the whole answer, besides the common ones. */
  extras?: Record<string, unknown>
  /** Members of every choice in a chunk. */
  choiceExtras?: Record<string, unknown>
  /** Members of the message of a whole answer. */
  messageExtras?: Record<string, unknown>
  usage: (usage: Usage) => Record<string, unknown>
  /** Where a stream's usage stands. */
  usageIn: 'own-chunk-if-asked' | 'own-chunk' | 'last-chunk'
  /** Whether the chunks before it say `usage: null`. */
  saysNoUsage: boolean
  /** How reasoning is shown: not at all, beside the text, or as parts of it. */
  reasoning: 'hidden' | 'beside' | 'in-content'
  /** What it is called there, where that is not `reasoning_content`. */
  reasoningField?: 'reasoning'
  /** Whether a refusal has a place of its own. */
  saysRefusal?: boolean
  finishWords?: Partial<Record<Finish, string>>
  toolCalls: 'in-parts' | 'whole'
  /** Mistral leaves out the `type` and, when streaming, the `index` of a call. */
  bareToolCalls?: boolean
  /** Chunks before the first one. */
  preamble?: Record<string, unknown>[]
  keepAlive?: string
  error: (kind: ProblemKind) => Record<string, unknown>
  headers: Headers
}

/** What a chat request asked for. */
export interface ChatAsk {
  model: string
  stream: boolean
  wantsUsage: boolean
}

/** OpenAI's token counts. */
export function openAiUsage({ input, cached, written, output, reasoning }: Usage) {
  return {
    prompt_tokens: input,
    completion_tokens: output + reasoning,
    total_tokens: input + output + reasoning,
    prompt_tokens_details: {
      cached_tokens: cached,
      audio_tokens: 0,
      ...(written > 0 && { cache_write_tokens: written }),
    },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}

/** The answer to a chat request, streamed or whole. */
export function chatAnswer(reply: Reply, ask: ChatAsk, flavour: ChatFlavour): Answer {
  if (!ask.stream) return jsonAnswer(200, completion(reply, ask, flavour), flavour.headers)
  return sseAnswer(
    chatFrames(reply, ask, flavour),
    (_, kind = 'server-error') => sse(flavour.error(kind)),
    flavour.headers,
  )
}

const seconds = () => Math.floor(Date.now() / 1000)

const finishWords: Record<Finish, string> = {
  stop: 'stop',
  'tool-calls': 'tool_calls',
  length: 'length',
  refusal: 'stop',
  'content-filter': 'content_filter',
  'stop-sequence': 'stop',
  pause: 'stop',
}

const finishOf = ({ finish, finishWord }: Reply, flavour: ChatFlavour) =>
  finishWord ?? flavour.finishWords?.[finish] ?? finishWords[finish]

function completion(reply: Reply, { model }: ChatAsk, flavour: ChatFlavour) {
  const calls = callsOf(reply).map((call) => ({
    id: call.id ?? flavour.newToolCallId(),
    ...(!flavour.bareToolCalls && { type: 'function' }),
    function: { name: call.name, arguments: call.parts.join('') || '{}' },
  }))
  const reasoning = joined(reply, 'reasoning')
  const refusal = flavour.saysRefusal ? joined(reply, 'refusal') : undefined
  return {
    id: flavour.newId(),
    object: 'chat.completion',
    created: seconds(),
    model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: contentOf(reply, flavour),
          ...(reasoning !== undefined &&
            flavour.reasoning === 'beside' && {
              [flavour.reasoningField ?? 'reasoning_content']: reasoning,
            }),
          ...(calls.length > 0 && { tool_calls: calls }),
          ...flavour.messageExtras,
          ...(refusal !== undefined && { refusal }),
        },
        ...flavour.choiceExtras,
        finish_reason: finishOf(reply, flavour),
      },
    ],
    usage: flavour.usage(reply.usage),
    ...flavour.extras,
  }
}

function contentOf(reply: Reply, { reasoning: shown, saysRefusal }: ChatFlavour) {
  const text = joined(reply, 'text') ?? (saysRefusal ? undefined : joined(reply, 'refusal'))
  const reasoning = shown === 'in-content' ? joined(reply, 'reasoning') : undefined
  if (reasoning === undefined && !reply.quirks.has('array-content')) return text ?? null
  return [
    ...(reasoning === undefined
      ? []
      : [{ type: 'thinking', thinking: [{ type: 'text', text: reasoning }] }]),
    ...(text === undefined ? [] : [{ type: 'text', text }]),
  ]
}

function chatFrames(reply: Reply, ask: ChatAsk, flavour: ChatFlavour): Frame[] {
  const common = {
    id: flavour.newId(),
    object: 'chat.completion.chunk',
    created: seconds(),
    model: ask.model,
    ...flavour.extras,
  }
  const ownUsage =
    flavour.usageIn === 'own-chunk' || (flavour.usageIn === 'own-chunk-if-asked' && ask.wantsUsage)
  const noUsage =
    flavour.saysNoUsage && (ownUsage || flavour.usageIn === 'last-chunk') ? { usage: null } : {}
  const nullFinish = reply.quirks.has('no-null-finish') ? {} : { finish_reason: null }
  const chunk = (delta: ChatDelta, finish: object = nullFinish, more: object = {}) => ({
    ...common,
    choices: [{ index: 0, delta, ...flavour.choiceExtras, ...finish }],
    ...noUsage,
    ...more,
  })
  const usage = { usage: flavour.usage(reply.usage) }
  const lastUsage = flavour.usageIn === 'last-chunk' ? usage : {}
  const { first, deltas, last } = chatDeltas(reply, flavour)
  const frames = [
    ...(flavour.preamble ?? []).map((one) => sse(one)),
    sse(chunk(first), flavour.keepAlive === undefined ? {} : { comment: flavour.keepAlive }),
    ...deltas.map((delta) => sse(chunk(delta), { isDelta: true })),
    sse(chunk(last, { finish_reason: finishOf(reply, flavour) }, lastUsage)),
  ]
  if (ownUsage) frames.push(sse({ ...common, choices: [], ...usage }))
  return [...frames, sse('[DONE]')]
}

/** `chatcmpl-…`, as OpenAI and Azure name answers. */
export const newChatId = () => `chatcmpl-${randomText(29)}`

/** `call_…`, as OpenAI and Azure name tool calls. */
export const newCallId = () => `call_${randomText(24)}`

/** A lower-case UUID, as DeepSeek and xAI name answers. */
export const newUuid = () =>
  [8, 4, 4, 4, 12].map((length) => randomText(length, alphabets.hex)).join('-')
