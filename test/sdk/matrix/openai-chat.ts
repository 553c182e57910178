import { APIError, type OpenAI } from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import type { RunnableToolFunctionWithParse } from 'openai/lib/RunnableFunction'
import { openAi } from '../../support/clients.ts'
import type { AskedToWork, Caller, Place, RunnableTool, Said, Turn } from './caller.ts'

type Message = OpenAI.Chat.ChatCompletionMessageParam
type Completion = OpenAI.Chat.ChatCompletion
type Answered = OpenAI.Chat.ChatCompletionMessage & { parsed?: unknown }

const client = ({ url, apiKey }: Place): OpenAI => openAi(`${url}/v1`, apiKey)

/** The `openai` SDK on Chat Completions. */
export const openAiChat: Caller = {
  name: 'openai SDK, chat completions',
  format: 'openai-chat',
  // A stream's accumulator keeps only the last of what it does not know.
  keepsReasoning: { whole: true, streamed: false },
  readsReasoning: true,
  parsesByForce: false,
  hasDeveloper: true,

  async say(asked) {
    const body = { model: asked.model, messages: asked.turns.map(messageOf) }
    const { completions } = client(asked).chat
    if (!asked.isStreamed) return saidOf(await completions.create(body))
    const stream = completions.stream({ ...body, stream_options: { include_usage: true } })
    let pieces = 0
    stream.on('content.delta', () => void (pieces += 1))
    return { ...saidOf(await stream.finalChatCompletion()), pieces }
  },

  // The SDK's own runner gives back only what it knows, and reasoning is not among that.
  work: (asked) => (asked.thinks ? workByHand(asked) : workWithRunner(asked)),

  async parse({ prompt, schema, ...place }) {
    const body = {
      model: place.model,
      messages: [{ role: 'user' as const, content: prompt }],
      response_format: zodResponseFormat(schema, 'answer'),
    }
    const { completions } = client(place).chat
    const { choices } = place.isStreamed
      ? await completions.stream(body).finalChatCompletion()
      : await completions.parse(body)
    return schema.parse(choices[0]?.message.parsed)
  },

  statusOf: (error) => (error instanceof APIError ? error.status : undefined),
}

async function workWithRunner(asked: AskedToWork): Promise<Said> {
  const body = {
    model: asked.model,
    messages: [{ role: 'user' as const, content: asked.prompt }],
    tools: asked.tools.map(runnable),
  }
  const { completions } = client(asked).chat
  if (!asked.isStreamed) return saidOf(await completions.runTools(body).finalChatCompletion())
  const streamed = { stream: true as const, stream_options: { include_usage: true } }
  return saidOf(await completions.runTools({ ...body, ...streamed }).finalChatCompletion())
}

async function workByHand({ tools, prompt, ...place }: AskedToWork): Promise<Said> {
  const messages: Message[] = [{ role: 'user', content: prompt }]
  const { completions } = client(place).chat
  let reasoning = ''
  for (;;) {
    const body = {
      model: place.model,
      messages,
      tools: tools.map(({ name, description, parameters }) => ({
        type: 'function' as const,
        function: { name, description, parameters: { ...parameters } },
      })),
      reasoning_effort: 'high' as const,
    }
    const completion = place.isStreamed
      ? await readStream(completions.stream(body), (delta) => void (reasoning += delta))
      : await completions.create(body)
    // What the helper of streams parsed is its own addition, and no API takes it back.
    const { parsed: _, ...message } = (completion.choices[0]?.message ?? {}) as Answered
    if (!place.isStreamed) reasoning += reasoningOf(message)
    if (!message.tool_calls) return { ...saidOf(completion), reasoning }
    messages.push(message)
    for (const call of message.tool_calls) {
      if (call.type !== 'function') continue
      const tool = tools.find(({ name }) => name === call.function.name)
      const given = JSON.parse(call.function.arguments) as Record<string, unknown>
      const content = tool?.run(given) ?? 'no such tool'
      messages.push({ role: 'tool', tool_call_id: call.id, content })
    }
  }
}

function readStream(
  stream: ReturnType<OpenAI['chat']['completions']['stream']>,
  think: (delta: string) => void,
): Promise<Completion> {
  stream.on('chunk', ({ choices }) => think(reasoningOf(choices[0]?.delta ?? {})))
  return stream.finalChatCompletion()
}

function messageOf(turn: Turn): Message {
  switch (turn.by) {
    case 'system':
    case 'developer':
      return { role: turn.by, content: turn.text }
    case 'user': {
      if (!turn.image) return { role: 'user', content: turn.text }
      const url = `data:${turn.image.mediaType};base64,${turn.image.data}`
      return {
        role: 'user',
        content: [
          { type: 'text', text: turn.text },
          { type: 'image_url', image_url: { url } },
        ],
      }
    }
    case 'assistant': {
      const calls = (turn.calls ?? []).map(({ id, name, arguments: given }) => ({
        id,
        type: 'function' as const,
        function: { name, arguments: JSON.stringify(given) },
      }))
      const content = turn.text ?? null
      return { role: 'assistant', content, ...(calls.length > 0 && { tool_calls: calls }) }
    }
    case 'tool':
      return { role: 'tool', tool_call_id: turn.id, content: turn.text }
    default:
      return turn satisfies never
  }
}

const runnable = ({
  name,
  description,
  parameters,
  run,
}: RunnableTool): RunnableToolFunctionWithParse<Record<string, unknown>> => ({
  type: 'function',
  function: {
    name,
    description,
    parameters: { ...parameters },
    parse: (text) => JSON.parse(text) as Record<string, unknown>,
    function: (given) => run(given),
  },
})

function saidOf({ choices, usage }: Completion): Said {
  const message = choices[0]?.message
  return {
    text: message?.content ?? '',
    pieces: 1,
    reasoning: reasoningOf(message ?? {}),
    finish: finishOf(choices[0]?.finish_reason, message?.refusal),
    usage: {
      input: usage?.prompt_tokens ?? -1,
      cached: usage?.prompt_tokens_details?.cached_tokens ?? -1,
      output: usage?.completion_tokens ?? -1,
    },
  }
}

const reasoningOf = (message: object): string =>
  (message as { reasoning_content?: string | null }).reasoning_content ?? ''

function finishOf(reason: string | undefined, refusal: string | null | undefined): Said['finish'] {
  if (refusal || reason === 'content_filter') return 'refusal'
  if (reason === 'tool_calls') return 'tool-calls'
  return reason === 'stop' || reason === 'length' ? reason : 'other'
}
