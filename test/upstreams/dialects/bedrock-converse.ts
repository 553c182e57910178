import type { Answer, Frame } from '../provider.ts'
import { alphabets, randomText } from '../random.ts'
import type { Reply, Usage } from '../reply.ts'
import { eventFrame, eventStreamAnswer } from './aws-event-stream.ts'
import { jsonAnswer, type Headers } from './sse.ts'

const SIGNATURE = 'RXJuc3QgZ2VtZWludGUgU2lnbmF0dXI='

/** The answer of Converse, streamed or whole. */
export function converseAnswer(reply: Reply, stream: boolean, headers: Headers): Answer {
  return stream
    ? eventStreamAnswer(converseFrames(reply), headers)
    : jsonAnswer(200, converseBody(reply), headers)
}

function usageOf({ input, cached, output, reasoning }: Usage) {
  return {
    inputTokens: input - cached,
    outputTokens: output + reasoning,
    totalTokens: input + output + reasoning,
    cacheReadInputTokens: cached,
    cacheWriteInputTokens: 0,
    serverToolUsage: {},
  }
}

const newToolUseId = () => `tooluse_${randomText(22, alphabets.base64url)}`

function converseBody(reply: Reply) {
  const { tool, text, reasoning } = reply
  const thought = { text: reasoning.join(''), signature: SIGNATURE }
  const said = tool
    ? {
        toolUse: {
          toolUseId: newToolUseId(),
          name: tool.name,
          input: JSON.parse(tool.json) as unknown,
        },
      }
    : { text }
  const content = [
    ...(reasoning.length > 0 ? [{ reasoningContent: { reasoningText: thought } }] : []),
    said,
  ]
  return {
    metrics: { latencyMs: 42 },
    output: { message: { content, role: 'assistant' } },
    stopReason: tool ? 'tool_use' : 'end_turn',
    usage: usageOf(reply.usage),
  }
}

function converseFrames(reply: Reply): Frame[] {
  const { tool, deltas, reasoning, usage } = reply
  const thoughts = [
    ...reasoning.map((text) => ({ reasoningContent: { text } })),
    ...(reasoning.length > 0 ? [{ reasoningContent: { signature: SIGNATURE } }] : []),
  ]
  const index = thoughts.length > 0 ? 1 : 0
  const stopReason = tool ? 'tool_use' : 'end_turn'
  return [
    padded('messageStart', { role: 'assistant' }),
    ...(thoughts.length > 0 ? blockFrames(0, thoughts) : []),
    // Only a tool's block has a start; text simply begins.
    ...(tool ? [toolStart(tool.name, index)] : []),
    ...blockFrames(
      index,
      tool ? tool.parts.map((input) => ({ toolUse: { input } })) : deltas.map((text) => ({ text })),
    ),
    padded('messageStop', { stopReason }),
    padded('metadata', { metrics: { latencyMs: 42 }, usage: usageOf(usage) }),
  ]
}

function toolStart(name: string, contentBlockIndex: number): Frame {
  const start = { toolUse: { name, toolUseId: newToolUseId() } }
  return padded('contentBlockStart', { contentBlockIndex, start })
}

function blockFrames(contentBlockIndex: number, deltas: object[]): Frame[] {
  return [
    ...deltas.map((delta) => padded('contentBlockDelta', { contentBlockIndex, delta }, true)),
    padded('contentBlockStop', { contentBlockIndex }),
  ]
}

// The service pads its events with a meaningless member of random length.
function padded(type: string, payload: object, isDelta = false): Frame {
  const p = alphabets.lower.slice(0, 1 + Math.floor(Math.random() * 30))
  return eventFrame(type, { ...payload, p }, isDelta)
}
