import { APIError, type OpenAI } from 'openai'
import { zodTextFormat } from 'openai/helpers/zod'
import { openAi } from '../../support/clients.ts'
import type { AskedToWork, Caller, Place, Said, Turn } from './caller.ts'

type Item = OpenAI.Responses.ResponseInputItem
type Response = OpenAI.Responses.Response
type Body = OpenAI.Responses.ResponseCreateParamsNonStreaming

const client = ({ url, apiKey }: Place): OpenAI => openAi(`${url}/v1`, apiKey)

/** The `openai` SDK on Responses, with nothing kept at the provider. */
export const openAiResponses: Caller = {
  name: 'openai SDK, responses',
  format: 'openai-responses',
  keepsReasoning: { whole: true, streamed: true },
  readsReasoning: true,
  parsesByForce: false,
  hasDeveloper: true,

  async say(asked) {
    const body = { model: asked.model, input: asked.turns.flatMap(itemsOf), store: false }
    const { responses } = client(asked)
    if (!asked.isStreamed) return saidOf(await responses.create(body))
    const stream = responses.stream(body)
    let pieces = 0
    stream.on('response.output_text.delta', () => void (pieces += 1))
    return { ...saidOf(await stream.finalResponse()), pieces }
  },

  async work(asked) {
    const input: Item[] = [{ role: 'user', content: asked.prompt }]
    let reasoning = ''
    for (;;) {
      const response = await respond(asked, bodyOf(asked, input))
      const said = saidOf(response)
      reasoning += said.reasoning
      const calls = response.output.filter((item) => item.type === 'function_call')
      if (calls.length === 0) return { ...said, reasoning }
      input.push(...(response.output as Item[]))
      for (const { call_id, name, arguments: given } of calls) {
        const tool = asked.tools.find((one) => one.name === name)
        const output = tool?.run(JSON.parse(given) as Record<string, unknown>) ?? 'no such tool'
        input.push({ type: 'function_call_output', call_id, output })
      }
    }
  },

  async parse({ prompt, schema, ...place }) {
    const body = {
      model: place.model,
      input: prompt,
      store: false,
      text: { format: zodTextFormat(schema, 'answer') },
    }
    const { responses } = client(place)
    const { output_parsed: parsed } = place.isStreamed
      ? await responses.stream(body).finalResponse()
      : await responses.parse(body)
    return schema.parse(parsed)
  },

  statusOf: (error) => (error instanceof APIError ? error.status : undefined),
}

const bodyOf = ({ model, tools, thinks }: AskedToWork, input: Item[]): Body => ({
  model,
  input: [...input],
  store: false,
  tools: tools.map(({ name, description, parameters }) => ({
    type: 'function' as const,
    name,
    description,
    parameters: { ...parameters },
    strict: false,
  })),
  ...(thinks && {
    reasoning: { effort: 'high', summary: 'auto' },
    include: ['reasoning.encrypted_content'],
  }),
})

async function respond(place: Place, body: Body): Promise<Response> {
  const { responses } = client(place)
  if (!place.isStreamed) return responses.create(body)
  // The final response of the SDK's helper has parsed members in it, which no API takes back.
  for await (const event of await responses.create({ ...body, stream: true })) {
    if (event.type === 'error') throw new Error(event.message)
    if (event.type === 'response.completed' || event.type === 'response.incomplete') {
      return event.response
    }
  }
  throw new Error('the stream ended without a response')
}

function itemsOf(turn: Turn): Item[] {
  switch (turn.by) {
    case 'system':
    case 'developer':
      return [{ role: turn.by, content: turn.text }]
    case 'user': {
      if (!turn.image) return [{ role: 'user', content: turn.text }]
      const image_url = `data:${turn.image.mediaType};base64,${turn.image.data}`
      return [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: turn.text },
            { type: 'input_image', image_url, detail: 'auto' },
          ],
        },
      ]
    }
    case 'assistant':
      return [
        ...(turn.text === undefined ? [] : [{ role: 'assistant' as const, content: turn.text }]),
        ...(turn.calls ?? []).map(({ id, name, arguments: given }) => ({
          type: 'function_call' as const,
          call_id: id,
          name,
          arguments: JSON.stringify(given),
        })),
      ]
    case 'tool':
      return [{ type: 'function_call_output', call_id: turn.id, output: turn.text }]
    default:
      return turn satisfies never
  }
}

function saidOf(response: Response): Said {
  const { output, usage } = response
  const parts = output.flatMap((item) => (item.type === 'message' ? item.content : []))
  const isRefused = parts.some(({ type }) => type === 'refusal')
  const summaries = output.flatMap((item) => (item.type === 'reasoning' ? item.summary : []))
  return {
    text: parts.map((part) => (part.type === 'output_text' ? part.text : '')).join(''),
    pieces: 1,
    reasoning: summaries.map(({ text }) => text).join(''),
    finish: isRefused ? 'refusal' : finishOf(response),
    usage: {
      input: usage?.input_tokens ?? -1,
      cached: usage?.input_tokens_details.cached_tokens ?? -1,
      output: usage?.output_tokens ?? -1,
    },
  }
}

function finishOf({ output, status, incomplete_details: details }: Response): Said['finish'] {
  if (details?.reason === 'max_output_tokens') return 'length'
  if (details?.reason === 'content_filter') return 'refusal'
  if (status !== 'completed') return 'other'
  return output.some(({ type }) => type === 'function_call') ? 'tool-calls' : 'stop'
}
