import type { Answer } from '../provider.ts'
import { alphabets, randomText } from '../random.ts'
import type { Reply, Usage } from '../reply.ts'
import type { ResponsesBody } from './openai-responses-body.ts'
import { jsonAnswer, sse, sseAnswer, type Headers } from './sse.ts'

/** The answer of the Responses API, streamed or whole. `error` is the event that ends a broken stream. */
export function responsesAnswer(reply: Reply, body: ResponsesBody, headers: Headers): Answer {
  const response = responseOf(reply, body)
  if (body.stream !== true) return jsonAnswer(200, response, headers)
  const events = eventsOf(reply, response)
  const frames = events.map((event, index) =>
    sse({ ...event, sequence_number: index }, styleOf(event)),
  )
  return sseAnswer(frames, (sent) => sse(failed(sent), { event: 'error' }), headers)
}

const failed = (sent: number) => ({
  type: 'error',
  sequence_number: sent,
  code: 'server_error',
  message: 'The server had an error while processing your request.',
  param: null,
})

interface ResponseEvent {
  type: string
  [member: string]: unknown
}

const styleOf = ({ type }: ResponseEvent): { event: string; isDelta: boolean } => ({
  event: type,
  isDelta: type.endsWith('.delta'),
})

function responseOf(reply: Reply, body: ResponsesBody) {
  const at = Math.floor(Date.now() / 1000)
  return {
    id: `resp_${randomText(50, alphabets.hex)}`,
    object: 'response',
    created_at: at,
    status: 'completed',
    background: false,
    completed_at: at,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    model: body.model,
    output: [outputOf(reply)],
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: null },
    service_tier: 'default',
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: { format: { type: 'text' }, verbosity: 'medium' },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_p: body.top_p ?? 1,
    truncation: 'disabled',
    usage: usageOfResponses(reply.usage),
    user: null,
    metadata: body.metadata ?? {},
  }
}

function usageOfResponses({ input, cached, output, reasoning }: Usage) {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output + reasoning,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output + reasoning,
  }
}

function outputOf({ tool: call, text: said }: Reply) {
  if (call) {
    return {
      id: `fc_${randomText(50, alphabets.hex)}`,
      type: 'function_call',
      status: 'completed',
      arguments: call.json,
      call_id: `call_${randomText(24)}`,
      name: call.name,
    }
  }
  return {
    id: `msg_${randomText(50, alphabets.hex)}`,
    type: 'message',
    status: 'completed',
    role: 'assistant',
    content: [{ type: 'output_text', annotations: [], logprobs: [], text: said }],
  }
}

function eventsOf(reply: Reply, response: ReturnType<typeof responseOf>): ResponseEvent[] {
  const [item] = response.output
  const started = {
    ...response,
    status: 'in_progress',
    completed_at: null,
    output: [],
    usage: null,
  }
  const place = { item_id: item?.id, output_index: 0 }
  const open =
    item?.type === 'message'
      ? { ...item, status: 'in_progress', content: [] }
      : { ...item, status: 'in_progress', arguments: '' }
  return [
    { type: 'response.created', response: started },
    { type: 'response.in_progress', response: started },
    { type: 'response.output_item.added', output_index: 0, item: open },
    ...(reply.tool ? callEvents(reply.tool, place) : textEvents(reply, place)),
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response },
  ]
}

const textPart = (said: string) => ({
  type: 'output_text',
  annotations: [],
  logprobs: [],
  text: said,
})

function textEvents({ deltas, text: said }: Reply, item: object): ResponseEvent[] {
  const place = { ...item, content_index: 0 }
  return [
    { type: 'response.content_part.added', ...place, part: textPart('') },
    ...deltas.map((delta) => ({
      type: 'response.output_text.delta',
      ...place,
      delta,
      logprobs: [],
      obfuscation: randomText(12),
    })),
    { type: 'response.output_text.done', ...place, text: said, logprobs: [] },
    { type: 'response.content_part.done', ...place, part: textPart(said) },
  ]
}

function callEvents({ parts, json }: NonNullable<Reply['tool']>, place: object): ResponseEvent[] {
  const type = 'response.function_call_arguments'
  return [
    ...parts.map((delta) => ({ type: `${type}.delta`, ...place, delta })),
    { type: `${type}.done`, ...place, arguments: json },
  ]
}
