import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import {
  APICallError,
  generateText,
  type LanguageModel,
  type ModelMessage,
  Output,
  stepCountIs,
  streamText,
  tool,
  type ToolSet,
  jsonSchema,
} from 'ai'
import type { AskedToWork, Caller, Place, RunnableTool, Said, Turn } from './caller.ts'

type Options = NonNullable<Parameters<typeof generateText>[0]['providerOptions']>

interface Kind extends Pick<
  Caller,
  'name' | 'format' | 'keepsReasoning' | 'readsReasoning' | 'parsesByForce'
> {
  readonly model: (place: Place) => LanguageModel
  /** Options of every request. */
  readonly options?: Options
  /** Options of a request that wants reasoning. */
  readonly thinking: Options
}

/** The Vercel AI SDK with its OpenAI provider on Chat Completions, which knows no reasoning. */
export const vercelOpenAiChat = vercel({
  name: 'ai SDK, openai chat',
  format: 'openai-chat',
  keepsReasoning: { whole: false, streamed: false },
  readsReasoning: false,
  parsesByForce: false,
  model: ({ url, apiKey, model }) => createOpenAI({ baseURL: `${url}/v1`, apiKey }).chat(model),
  thinking: { openai: { reasoningEffort: 'high' } },
})

/** The same on Responses. */
export const vercelOpenAiResponses = vercel({
  name: 'ai SDK, openai responses',
  format: 'openai-responses',
  keepsReasoning: { whole: true, streamed: true },
  readsReasoning: true,
  parsesByForce: false,
  model: ({ url, apiKey, model }) =>
    createOpenAI({ baseURL: `${url}/v1`, apiKey }).responses(model),
  options: { openai: { store: false } },
  thinking: {
    openai: {
      store: false,
      forceReasoning: true,
      reasoningEffort: 'high',
      reasoningSummary: 'auto',
      include: ['reasoning.encrypted_content'],
    },
  },
})

/** The Vercel AI SDK with its Anthropic provider. */
export const vercelAnthropic = vercel({
  name: 'ai SDK, anthropic',
  format: 'anthropic-messages',
  keepsReasoning: { whole: true, streamed: true },
  readsReasoning: true,
  parsesByForce: true,
  model: ({ url, apiKey, model }) => createAnthropic({ baseURL: `${url}/v1`, apiKey })(model),
  thinking: { anthropic: { thinking: { type: 'adaptive', display: 'summarized' } } },
})

function vercel({ model, options = {}, thinking, ...kind }: Kind): Caller {
  const common = (place: Place, providerOptions = options) => ({
    model: model(place),
    maxRetries: 0,
    providerOptions,
  })
  return {
    ...kind,
    hasDeveloper: false,

    async say(asked) {
      const messages = asked.turns.map(messageOf)
      const settings = { ...common(asked), messages, allowSystemInMessages: true }
      return asked.isStreamed ? streamed(settings) : saidOf(await generateText(settings))
    },

    async work(asked) {
      const settings = {
        ...common(asked, asked.thinks ? thinking : options),
        prompt: asked.prompt,
        tools: toolsOf(asked),
        stopWhen: stepCountIs(4),
      }
      return asked.isStreamed ? streamed(settings) : saidOf(await generateText(settings))
    },

    async parse({ prompt, schema, ...place }) {
      const settings = { ...common(place), prompt, output: Output.object({ schema }) }
      if (!place.isStreamed) return schema.parse((await generateText(settings)).output)
      let failure: unknown
      const result = streamText({ ...settings, onError: ({ error }) => void (failure = error) })
      await result.consumeStream()
      if (failure !== undefined) throw failure
      return schema.parse(await result.output)
    },

    statusOf: (error) => (APICallError.isInstance(error) ? error.statusCode : undefined),
  }
}

const toolsOf = ({ tools }: AskedToWork): ToolSet =>
  Object.fromEntries(tools.map((one) => [one.name, toolOf(one)]))

const toolOf = ({ description, parameters, run }: RunnableTool) =>
  tool({
    description,
    inputSchema: jsonSchema<Record<string, unknown>>(parameters as object),
    execute: (given) => run(given),
  })

type Streaming = Parameters<typeof streamText>[0]

async function streamed(settings: Streaming): Promise<Said> {
  let failure: unknown
  let pieces = 0
  const result = streamText({ ...settings, onError: ({ error }) => void (failure = error) })
  for await (const part of result.fullStream) if (part.type === 'text-delta') pieces += 1
  if (failure !== undefined) throw failure
  const { text, steps, finishReason, usage } = {
    text: await result.text,
    steps: await result.steps,
    finishReason: await result.finishReason,
    usage: await result.usage,
  }
  return { ...saidOf({ text, steps, finishReason, usage }), pieces }
}

function saidOf({
  text,
  steps,
  finishReason,
  usage,
}: Pick<Awaited<ReturnType<typeof generateText>>, 'text' | 'finishReason' | 'usage'> & {
  steps: readonly { reasoningText: string | undefined }[]
}): Said {
  return {
    text,
    pieces: 1,
    reasoning: steps.map(({ reasoningText }) => reasoningText ?? '').join(''),
    finish: finishOf(finishReason),
    usage: {
      input: usage.inputTokens ?? -1,
      cached: usage.inputTokenDetails.cacheReadTokens ?? -1,
      output: usage.outputTokens ?? -1,
    },
  }
}

function finishOf(reason: string): Said['finish'] {
  if (reason === 'content-filter') return 'refusal'
  return reason === 'stop' || reason === 'length' || reason === 'tool-calls' ? reason : 'other'
}

function messageOf(turn: Turn): ModelMessage {
  switch (turn.by) {
    case 'system':
    case 'developer':
      return { role: 'system', content: turn.text }
    case 'user': {
      if (!turn.image) return { role: 'user', content: turn.text }
      const { data, mediaType } = turn.image
      return {
        role: 'user',
        content: [
          { type: 'text', text: turn.text },
          { type: 'file', data, mediaType },
        ],
      }
    }
    case 'assistant':
      return {
        role: 'assistant',
        content: [
          ...(turn.text === undefined ? [] : [{ type: 'text' as const, text: turn.text }]),
          ...(turn.calls ?? []).map(({ id, name, arguments: input }) => ({
            type: 'tool-call' as const,
            toolCallId: id,
            toolName: name,
            input,
          })),
        ],
      }
    case 'tool':
      return {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: turn.id,
            toolName: turn.name,
            output: { type: 'text', value: turn.text },
          },
        ],
      }
    default:
      return turn satisfies never
  }
}
