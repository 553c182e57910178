import type { ChatFormat } from '../../../../src/core/wire-format.ts'
import { joined, type Json, type Said, type SaidUsage, wordIn } from './said.ts'

/**
 * What recorded answers say, read by nothing that is tested: each dialect as its documentation has it, and no more of it
 * than the recordings need.
 */
interface Reader {
  stream(events: readonly Json[]): Said
  whole(body: Json): Said
}

const chatFinish = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'calls',
  content_filter: 'refused',
} as const

function chatUsage(usage: Json): SaidUsage {
  return {
    input: usage.prompt_tokens,
    cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
    // Whatever a host counts as completion, all that is not the prompt was written by the model.
    output: usage.total_tokens - usage.prompt_tokens,
    reasoning: usage.completion_tokens_details?.reasoning_tokens ?? 0,
  }
}

const chatCalls = (calls: readonly Json[]): Said['calls'] =>
  calls.map(({ id, function: called }) => ({
    id,
    name: called.name,
    arguments: JSON.parse(called.arguments),
  }))

const chat: Reader = {
  stream(chunks) {
    const choices = chunks.flatMap((chunk) => chunk.choices)
    const deltas = choices.flatMap(({ delta }) => delta ?? [])
    return {
      model: chunks.findLast(({ model }) => model !== '')?.model,
      text: joined(deltas.map(({ content }) => content)),
      refusal: joined(deltas.map(({ refusal }) => refusal)),
      reasoning: joined(deltas.map(({ reasoning_content }) => reasoning_content)),
      // Every call of the recordings comes in one piece.
      calls: chatCalls(deltas.flatMap(({ tool_calls }) => tool_calls ?? [])),
      finish: wordIn(
        chatFinish,
        choices.findLast(({ finish_reason }) => finish_reason)?.finish_reason,
      ),
      usage: chatUsage(chunks.findLast(({ usage }) => usage)?.usage),
    }
  },
  whole({ model, choices: [{ message, finish_reason }], usage }) {
    return {
      model,
      text: joined([message.content]),
      refusal: joined([message.refusal]),
      reasoning: joined([message.reasoning_content]),
      calls: chatCalls(message.tool_calls ?? []),
      finish: wordIn(chatFinish, finish_reason),
      usage: chatUsage(usage),
    }
  },
}

const claudeFinish = {
  end_turn: 'stop',
  max_tokens: 'length',
  tool_use: 'calls',
  refusal: 'refused',
} as const

function claudeMessage({ model, content, stop_reason, stop_details, usage }: Json): Said {
  const blocks: readonly Json[] = content
  const cached = usage.cache_read_input_tokens ?? 0
  return {
    model,
    text: joined(blocks.map(({ text }) => text)),
    refusal: joined([stop_details?.explanation]),
    reasoning: joined(blocks.map(({ thinking }) => thinking)),
    calls: blocks
      .filter(({ type }) => type === 'tool_use')
      .map(({ id, name, input }) => ({ id, name, arguments: input })),
    finish: wordIn(claudeFinish, stop_reason),
    usage: {
      input: usage.input_tokens + cached + (usage.cache_creation_input_tokens ?? 0),
      cached,
      output: usage.output_tokens,
      reasoning: usage.output_tokens_details?.thinking_tokens ?? 0,
    },
  }
}

const claude: Reader = {
  whole: claudeMessage,
  stream(events) {
    const of = (type: string) => events.filter((event) => event.type === type)
    const message = of('message_start').at(-1)?.message
    const last = of('message_delta').at(-1)
    const content = of('content_block_start').map(({ index, content_block: block }) => {
      const deltas = of('content_block_delta')
        .filter((event) => event.index === index)
        .map(({ delta }) => delta)
      if (block.type === 'tool_use') {
        return { ...block, input: JSON.parse(joined(deltas.map((one) => one.partial_json))) }
      }
      const member = block.type === 'thinking' ? 'thinking' : 'text'
      return { ...block, [member]: joined(deltas.map((one) => one[member])) }
    })
    return claudeMessage({
      ...message,
      content,
      ...last.delta,
      usage: { ...message.usage, ...last.usage },
    })
  },
}

const converseFinish = { end_turn: 'stop', tool_use: 'calls', max_tokens: 'length' } as const

const converseUsage = (usage: Json): SaidUsage => ({
  input: usage.inputTokens,
  cached: usage.cacheReadInputTokens ?? 0,
  output: usage.outputTokens,
  reasoning: 0,
})

const converse: Reader = {
  stream(events) {
    const of = (name: string) => events.flatMap((event) => event[name] ?? [])
    const deltas = of('contentBlockDelta')
    return {
      model: undefined,
      text: joined(deltas.map(({ delta }) => delta.text)),
      refusal: '',
      reasoning: joined(deltas.map(({ delta }) => delta.reasoningContent?.text)),
      calls: of('contentBlockStart').map(({ contentBlockIndex: index, start: { toolUse } }) => {
        const inputs = deltas.filter((event) => event.contentBlockIndex === index)
        return {
          id: toolUse.toolUseId,
          name: toolUse.name,
          arguments: JSON.parse(joined(inputs.map(({ delta }) => delta.toolUse.input))),
        }
      }),
      finish: wordIn(converseFinish, of('messageStop')[0].stopReason),
      usage: converseUsage(of('metadata')[0].usage),
    }
  },
  whole({ output, stopReason, usage }) {
    const blocks: readonly Json[] = output.message.content
    return {
      model: undefined,
      text: joined(blocks.map(({ text }) => text)),
      refusal: '',
      reasoning: joined(blocks.map(({ reasoningContent }) => reasoningContent?.reasoningText.text)),
      calls: blocks.flatMap(({ toolUse }) =>
        toolUse === undefined
          ? []
          : [{ id: toolUse.toolUseId, name: toolUse.name, arguments: toolUse.input }],
      ),
      finish: wordIn(converseFinish, stopReason),
      usage: converseUsage(usage),
    }
  },
}

function geminiChunks(chunks: readonly Json[]): Said {
  const last = chunks.at(-1)
  const parts = chunks.flatMap(({ candidates: [{ content }] }) => content?.parts ?? [])
  const calls = parts.flatMap(({ functionCall }) => functionCall ?? [])
  const { promptTokenCount, candidatesTokenCount, thoughtsTokenCount } = last.usageMetadata
  const ending = wordIn(
    { STOP: 'stop', MAX_TOKENS: 'length' } as const,
    last.candidates[0].finishReason,
  )
  return {
    model: last.modelVersion,
    text: joined(parts.filter(({ thought }) => thought !== true).map(({ text }) => text)),
    refusal: '',
    reasoning: joined(parts.filter(({ thought }) => thought === true).map(({ text }) => text)),
    calls: calls.map(({ name, args }) => ({ id: undefined, name, arguments: args })),
    finish: ending === 'stop' && calls.length > 0 ? 'calls' : ending,
    usage: {
      input: promptTokenCount,
      cached: 0,
      output: candidatesTokenCount + thoughtsTokenCount,
      reasoning: thoughtsTokenCount,
    },
  }
}

function response({ model, output, status, usage }: Json): Said {
  const items: readonly Json[] = output
  const of = (type: string) => items.filter((item) => item.type === type)
  const calls = of('function_call')
  if (status !== 'completed') throw new Error(`nobody knows the end "${status}"`)
  return {
    model,
    text: joined(of('message').flatMap(({ content }) => content.map(({ text }: Json) => text))),
    refusal: joined(
      of('message').flatMap(({ content }) => content.map(({ refusal }: Json) => refusal)),
    ),
    reasoning: joined(
      of('reasoning').flatMap(({ summary }) => summary.map(({ text }: Json) => text)),
    ),
    calls: calls.map(({ call_id: id, name, arguments: text }) => ({
      id,
      name,
      arguments: JSON.parse(text),
    })),
    finish: calls.length > 0 ? 'calls' : 'stop',
    usage: {
      input: usage.input_tokens,
      cached: usage.input_tokens_details.cached_tokens,
      output: usage.output_tokens,
      reasoning: usage.output_tokens_details.reasoning_tokens,
    },
  }
}

export const RECORDING_READERS: Readonly<Record<ChatFormat, Reader>> = {
  'openai-chat': chat,
  'anthropic-messages': claude,
  'bedrock-converse': converse,
  gemini: { stream: geminiChunks, whole: (body) => geminiChunks([body]) },
  'openai-responses': {
    whole: response,
    stream(events) {
      const items = events
        .filter(({ type }) => type === 'response.output_item.done')
        .map(({ item }) => item)
      return response({ ...events.at(-1).response, output: items })
    },
  },
}

/** The proofs of reasoning in a recording, wherever they are. */
export function proofsIn(text: string): readonly string[] {
  const parts = new Map<string, string>()
  for (const [, name, value] of text.matchAll(
    /"(signature|thoughtSignature|encrypted_content|redactedContent)":\s*"([^"]+)"/g,
  )) {
    if (value !== undefined) parts.set(value, name ?? '')
  }
  return [...parts.keys()]
}
