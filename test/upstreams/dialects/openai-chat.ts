import type { Answer, Frame } from '../provider.ts'
import { alphabets, randomText } from '../random.ts'
import type { Reply, Usage } from '../reply.ts'
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
  toolCalls: 'in-parts' | 'whole'
  /** Mistral leaves out the `type` and, when streaming, the `index` of a call. */
  bareToolCalls?: boolean
  /** Chunks before the first one. */
  preamble?: Record<string, unknown>[]
  keepAlive?: string
  error: Record<string, unknown>
  headers: Headers
}

/** What a chat request asked for. */
export interface ChatAsk {
  model: string
  stream: boolean
  wantsUsage: boolean
}

/** OpenAI's token counts. */
export function openAiUsage({ input, cached, output, reasoning }: Usage) {
  return {
    prompt_tokens: input,
    completion_tokens: output + reasoning,
    total_tokens: input + output + reasoning,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
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
  return ask.stream
    ? sseAnswer(chatFrames(reply, ask, flavour), () => sse(flavour.error), flavour.headers)
    : jsonAnswer(200, completion(reply, ask, flavour), flavour.headers)
}

const seconds = () => Math.floor(Date.now() / 1000)

function completion(reply: Reply, { model }: ChatAsk, flavour: ChatFlavour) {
  const { tool, text, reasoning, usage } = reply
  const call = tool && {
    id: flavour.newToolCallId(),
    ...(!flavour.bareToolCalls && { type: 'function' }),
    function: { name: tool.name, arguments: tool.json },
  }
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
          content: call ? null : text,
          ...(reasoning.length > 0 && { reasoning_content: reasoning.join('') }),
          ...(call && { tool_calls: [call] }),
          ...flavour.messageExtras,
        },
        ...flavour.choiceExtras,
        finish_reason: call ? 'tool_calls' : 'stop',
      },
    ],
    usage: flavour.usage(usage),
    ...flavour.extras,
  }
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
  const chunk = (delta: object, finish: string | null = null, more: object = {}) => ({
    ...common,
    choices: [{ index: 0, delta, ...flavour.choiceExtras, finish_reason: finish }],
    ...noUsage,
    ...more,
  })
  const usage = { usage: flavour.usage(reply.usage) }
  const lastUsage = flavour.usageIn === 'last-chunk' ? usage : {}
  const deltas = deltasOf(reply, flavour)
  // Mistral's whole call and its finish come in one chunk.
  const fused = flavour.bareToolCalls && reply.tool ? deltas.pop() : undefined
  const finish = reply.tool ? 'tool_calls' : 'stop'
  const frames = [
    ...(flavour.preamble ?? []).map((one) => sse(one)),
    sse(chunk(firstDelta(reply, flavour)), keepAlive(flavour)),
    ...deltas.map((delta) => sse(chunk(delta), { isDelta: true })),
    sse(chunk(fused ?? lastDelta(flavour), finish, lastUsage)),
  ]
  if (ownUsage) frames.push(sse({ ...common, choices: [], ...usage }))
  return [...frames, sse('[DONE]')]
}

const keepAlive = ({ keepAlive: comment }: ChatFlavour) => (comment ? { comment } : {})

function firstDelta({ reasoning }: Reply, flavour: ChatFlavour): object {
  if (reasoning.length > 0) return { role: 'assistant', content: null, reasoning_content: '' }
  return { role: 'assistant', content: '', ...flavour.messageExtras }
}

const lastDelta = ({ usageIn }: ChatFlavour) => (usageIn === 'last-chunk' ? { content: '' } : {})

function deltasOf(reply: Reply, flavour: ChatFlavour): object[] {
  return [
    ...reply.reasoning.map((part) => ({ reasoning_content: part })),
    ...reply.deltas.map((part) => ({ content: part })),
    ...toolDeltas(reply, flavour),
  ]
}

function toolDeltas({ tool }: Reply, flavour: ChatFlavour): object[] {
  if (!tool) return []
  const id = flavour.newToolCallId()
  const whole = { name: tool.name, arguments: tool.json }
  if (flavour.bareToolCalls) return [{ content: null, tool_calls: [{ id, function: whole }] }]
  if (flavour.toolCalls === 'whole') {
    return [{ tool_calls: [{ index: 0, id, type: 'function', function: whole }] }]
  }
  const opening = { index: 0, id, type: 'function', function: { name: tool.name, arguments: '' } }
  const rest = tool.parts.map((part) => ({ index: 0, function: { arguments: part } }))
  return [opening, ...rest].map((call) => ({ tool_calls: [call] }))
}

/** `chatcmpl-…`, as OpenAI and Azure name answers. */
export const newChatId = () => `chatcmpl-${randomText(29)}`

/** `call_…`, as OpenAI and Azure name tool calls. */
export const newCallId = () => `call_${randomText(24)}`

/** A lower-case UUID, as DeepSeek and xAI name answers. */
export const newUuid = () =>
  [8, 4, 4, 4, 12].map((length) => randomText(length, alphabets.hex)).join('-')
