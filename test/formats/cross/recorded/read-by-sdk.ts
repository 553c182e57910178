import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import type { ClientChatFormat } from '../../../../src/core/wire-format.ts'
import { joined, type Json, type Said, wordIn } from './said.ts'

/** What callers make of an answer: streams are gathered by the official libraries. */
interface Reader {
  readonly stream: (text: string) => Promise<Said>
  readonly whole: (body: Json) => Said
  /** What the stream says in the end, where it failed; undefined for a stream that ends well, or not at all. */
  readonly failure: (text: string) => string | undefined
}

const fetchOf = (text: string) => () =>
  Promise.resolve(new Response(text, { headers: { 'content-type': 'text/event-stream' } }))

interface Event {
  readonly name: string
  readonly data: string
}

/** The events of a text that must be whole; comments are passed over. */
function eventsOf(text: string): readonly Event[] {
  const blocks = text.split('\n\n')
  if (blocks.pop() !== '') throw new Error(`not whole: ${text.slice(-200)}`)
  return blocks
    .filter((block) => !block.startsWith(':'))
    .map((block) => {
      const match = /^(?:event: (.*)\n)?data: (.*)$/.exec(block)
      if (match === null) throw new Error(`no event: ${block}`)
      return { name: match[1] ?? '', data: match[2] ?? '' }
    })
}

const chatFinish = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'calls',
  content_filter: 'refused',
} as const

function completion({ model, choices: [{ message, finish_reason }], usage }: Json): Said {
  return {
    model,
    text: joined([message.content]),
    refusal: joined([message.refusal]),
    reasoning: joined([message.reasoning_content]),
    calls: (message.tool_calls ?? []).map(({ id, function: called }: Json) => ({
      id,
      name: called.name,
      arguments: JSON.parse(called.arguments),
    })),
    finish: wordIn(chatFinish, finish_reason),
    usage: {
      input: usage.prompt_tokens,
      cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
      output: usage.completion_tokens,
      reasoning: usage.completion_tokens_details?.reasoning_tokens ?? 0,
    },
  }
}

const messageFinish = {
  end_turn: 'stop',
  max_tokens: 'length',
  tool_use: 'calls',
  refusal: 'refused',
} as const

function wholeMessage({ model, content, stop_reason, usage }: Json): Said {
  const of = (type: string): readonly Json[] => content.filter((block: Json) => block.type === type)
  const cached = usage.cache_read_input_tokens ?? 0
  const said = joined(of('text').map(({ text }) => text))
  return {
    model,
    // There is no place for a refusal but the text.
    text: stop_reason === 'refusal' ? '' : said,
    refusal: stop_reason === 'refusal' ? said : '',
    reasoning: joined(of('thinking').map(({ thinking }) => thinking)),
    calls: of('tool_use').map(({ id, name, input }) => ({ id, name, arguments: input })),
    finish: wordIn(messageFinish, stop_reason),
    usage: {
      input: usage.input_tokens + cached + (usage.cache_creation_input_tokens ?? 0),
      cached,
      output: usage.output_tokens,
      reasoning: usage.output_tokens_details?.thinking_tokens ?? 0,
    },
  }
}

function response({ model, output, status, incomplete_details, usage }: Json): Said {
  const of = (type: string): readonly Json[] => output.filter((item: Json) => item.type === type)
  const calls = of('function_call')
  const ends = {
    completed: calls.length > 0 ? 'calls' : 'stop',
    max_output_tokens: 'length',
    content_filter: 'refused',
  } as const
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
    finish: wordIn(ends, incomplete_details?.reason ?? status),
    usage: {
      input: usage.input_tokens,
      cached: usage.input_tokens_details.cached_tokens,
      output: usage.output_tokens,
      reasoning: usage.output_tokens_details.reasoning_tokens,
    },
  }
}

export const CLIENT_READERS: Readonly<Record<ClientChatFormat, Reader>> = {
  'openai-chat': {
    whole: completion,
    async stream(text) {
      const client = new OpenAI({ apiKey: 'k', maxRetries: 0, fetch: fetchOf(text) })
      const stream = client.chat.completions.stream({
        model: 'm',
        messages: [{ role: 'user', content: 'hi' }],
        stream_options: { include_usage: true },
      })
      // The library gathers what OpenAI knows; reasoning is gathered by those who know of it.
      const thoughts: unknown[] = []
      stream.on('chunk', ({ choices }) =>
        thoughts.push(...choices.map(({ delta }: Json) => delta.reasoning_content)),
      )
      const gathered: Json = await stream.finalChatCompletion()
      gathered.choices[0].message.reasoning_content = joined(thoughts)
      return completion(gathered)
    },
    failure(text) {
      const events = eventsOf(text)
      if (events.some(({ data }) => data === '[DONE]' || /"finish_reason":"/.test(data)))
        return undefined
      return JSON.parse(events.at(-1)?.data ?? '{}').error?.message
    },
  },
  'anthropic-messages': {
    whole: wholeMessage,
    async stream(text) {
      const client = new Anthropic({ apiKey: 'k', maxRetries: 0, fetch: fetchOf(text) })
      const messages = [{ role: 'user' as const, content: 'hi' }]
      return wholeMessage(
        await client.messages.stream({ model: 'm', max_tokens: 1, messages }).finalMessage(),
      )
    },
    failure(text) {
      const events = eventsOf(text)
      if (events.some(({ name }) => name === 'message_stop' || name === 'message_delta'))
        return undefined
      const last = events.at(-1)
      return last?.name === 'error' ? JSON.parse(last.data).error.message : undefined
    },
  },
  'openai-responses': {
    whole: response,
    async stream(text) {
      const client = new OpenAI({ apiKey: 'k', maxRetries: 0, fetch: fetchOf(text) })
      const stream = client.responses.stream({ model: 'm', input: 'hi' })
      // Of the pieces, and not of the copy of the whole in the last event.
      const output: unknown[] = []
      stream.on(
        'response.output_item.done',
        ({ output_index, item }) => void (output[output_index] = item),
      )
      const final = await stream.finalResponse()
      if (final.output.length !== output.length) throw new Error('the last event says otherwise')
      return response({ ...final, output })
    },
    failure(text) {
      const events = eventsOf(text)
      if (events.some(({ name }) => /^response\.(?:completed|incomplete)$/.test(name)))
        return undefined
      const [told, last] = events.slice(-2)
      if (told?.name !== 'error' || last?.name !== 'response.failed') return undefined
      return JSON.parse(told.data).message
    },
  },
}
