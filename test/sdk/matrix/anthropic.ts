import { type Anthropic, APIError } from '@anthropic-ai/sdk'
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import { anthropic as anthropicClient } from '../../support/clients.ts'
import type { Caller, Place, Said, Turn } from './caller.ts'

const client = ({ url, apiKey }: Place): Anthropic => anthropicClient(url, apiKey)
const MAX_TOKENS = 4096

/** The `@anthropic-ai/sdk` on Messages. */
export const anthropic: Caller = {
  name: 'anthropic SDK, messages',
  format: 'anthropic-messages',
  keepsReasoning: { whole: true, streamed: true },
  readsReasoning: true,
  parsesByForce: false,
  hasDeveloper: false,

  async say(asked) {
    const system = asked.turns.flatMap((turn) =>
      turn.by === 'system' ? [{ type: 'text' as const, text: turn.text }] : [],
    )
    const body = {
      model: asked.model,
      max_tokens: MAX_TOKENS,
      messages: messagesOf(asked.turns),
      ...(system.length > 0 && { system }),
    }
    const { messages } = client(asked)
    if (!asked.isStreamed) return saidOf(await messages.create(body))
    const stream = messages.stream(body)
    let pieces = 0
    stream.on('text', () => void (pieces += 1))
    return { ...saidOf(await stream.finalMessage()), pieces }
  },

  async work(asked) {
    const body = {
      model: asked.model,
      max_tokens: MAX_TOKENS,
      messages: [{ role: 'user' as const, content: asked.prompt }],
      tools: asked.tools.map(({ name, description, parameters, run }) =>
        betaTool({
          name,
          description,
          inputSchema: parameters,
          run: (given) => run(given as Record<string, unknown>),
        }),
      ),
      ...(asked.thinks && {
        thinking: { type: 'adaptive' as const, display: 'summarized' as const },
      }),
    }
    let reasoning = ''
    const { messages } = client(asked).beta
    if (asked.isStreamed) {
      const runner = messages.toolRunner({ ...body, stream: true })
      for await (const stream of runner) {
        stream.on('thinking', (delta) => void (reasoning += delta))
        await stream.done()
      }
      return { ...saidOf((await runner.done()) as Message), reasoning }
    }
    const runner = messages.toolRunner(body)
    for await (const message of runner) reasoning += thinkingIn(message as Message)
    return { ...saidOf((await runner.done()) as Message), reasoning }
  },

  async parse({ prompt, schema, ...place }) {
    const body = {
      model: place.model,
      max_tokens: MAX_TOKENS,
      messages: [{ role: 'user' as const, content: prompt }],
      output_config: { format: zodOutputFormat(schema) },
    }
    const { messages } = client(place)
    const { parsed_output: parsed } = place.isStreamed
      ? await messages.stream(body).finalMessage()
      : await messages.parse(body)
    return schema.parse(parsed)
  },

  statusOf: (error) =>
    error instanceof APIError ? (error.status as number | undefined) : undefined,
}

type Message = Anthropic.Message
type MessageParam = Anthropic.MessageParam

/** Turns as Anthropic's messages: results of parallel calls are one message here. */
export function messagesOf(turns: readonly Turn[]): MessageParam[] {
  const messages: { role: 'user' | 'assistant'; content: Anthropic.ContentBlockParam[] }[] = []
  for (const turn of turns) {
    const content = contentOf(turn)
    const role = turn.by === 'assistant' ? 'assistant' : 'user'
    const last = messages.at(-1)
    if (content.length === 0) continue
    if (last?.role === role && turn.by === 'tool') last.content.push(...content)
    else messages.push({ role, content })
  }
  return messages
}

function contentOf(turn: Turn): Anthropic.ContentBlockParam[] {
  switch (turn.by) {
    case 'system':
    case 'developer':
      return []
    case 'user': {
      const text = { type: 'text' as const, text: turn.text }
      if (!turn.image) return [text]
      const { mediaType, data } = turn.image
      const media_type = mediaType as Anthropic.Base64ImageSource['media_type']
      return [text, { type: 'image', source: { type: 'base64', media_type, data } }]
    }
    case 'assistant':
      return [
        ...(turn.text === undefined ? [] : [{ type: 'text' as const, text: turn.text }]),
        ...(turn.calls ?? []).map(({ id, name, arguments: input }) => ({
          type: 'tool_use' as const,
          id,
          name,
          input,
        })),
      ]
    case 'tool':
      return [{ type: 'tool_result', tool_use_id: turn.id, content: turn.text }]
    default:
      return turn satisfies never
  }
}

function saidOf(message: Message): Said {
  const { content, usage } = message
  const cached = usage.cache_read_input_tokens ?? 0
  return {
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    pieces: 1,
    reasoning: thinkingIn(message),
    finish: finishOf(message.stop_reason),
    usage: {
      input: usage.input_tokens + cached + (usage.cache_creation_input_tokens ?? 0),
      cached,
      output: usage.output_tokens,
    },
  }
}

const thinkingIn = ({ content }: Message): string =>
  content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join('')

const finishes: Record<string, Said['finish']> = {
  end_turn: 'stop',
  tool_use: 'tool-calls',
  max_tokens: 'length',
  refusal: 'refusal',
}

const finishOf = (reason: string | null): Said['finish'] => finishes[reason ?? ''] ?? 'other'
