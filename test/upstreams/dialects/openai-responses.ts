import type { Answer, ProblemKind } from '../provider.ts'
import { alphabets, randomText } from '../random.ts'
import type { Finish, Reply, Usage } from '../reply.ts'
import { isReasoningModel } from './openai-models.ts'
import type { ResponsesBody } from './openai-responses-body.ts'
import { itemEvents, outputOf, type ResponseEvent } from './openai-responses-items.ts'
import { jsonAnswer, sse, sseAnswer, type Headers } from './sse.ts'

/** The answer of the Responses API, streamed or whole. */
export function responsesAnswer(reply: Reply, body: ResponsesBody, headers: Headers): Answer {
  const response = responseOf(reply, body)
  if (body.stream !== true) return jsonAnswer(200, response, headers)
  const events = eventsOf(reply, response)
  const frames = events.map((event, index) =>
    sse({ ...event, sequence_number: index }, styleOf(event)),
  )
  return sseAnswer(frames, (sent, kind) => sse(failed(sent, kind), { event: 'error' }), headers)
}

/** https://platform.openai.com/docs/guides/error-codes */
const FAILURES: Partial<Record<ProblemKind, string>> = {
  'rate-limit': 'rate_limit_exceeded',
  overloaded: 'server_is_overloaded',
}

const failed = (sent: number, kind: ProblemKind = 'server-error') => ({
  type: 'error',
  sequence_number: sent,
  code: FAILURES[kind] ?? 'server_error',
  message: 'The server had an error while processing your request.',
  param: null,
})

const styleOf = ({ type }: ResponseEvent): { event: string; isDelta: boolean } => ({
  event: type,
  isDelta: type.endsWith('.delta'),
})

const incomplete: Partial<Record<Finish, string>> = {
  length: 'max_output_tokens',
  'content-filter': 'content_filter',
}

function responseOf(reply: Reply, body: ResponsesBody) {
  const at = Math.floor(Date.now() / 1000)
  const reason = reply.finishWord ?? incomplete[reply.finish]
  return {
    id: `resp_${randomText(50, alphabets.hex)}`,
    object: 'response',
    created_at: at,
    status: reason === undefined ? 'completed' : 'incomplete',
    background: false,
    completed_at: reason === undefined ? at : null,
    error: null,
    incomplete_details: reason === undefined ? null : { reason },
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    model: body.model,
    output: outputOf(reply, {
      isStored: body.store !== false,
      isReasoning: isReasoningModel(body.model),
      owner: body.model.startsWith('grok-') ? 'xai' : 'openai',
      showsSummary: typeof body.reasoning?.summary === 'string',
      showsEncrypted: body.include?.includes('reasoning.encrypted_content') === true,
    }),
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: body.reasoning?.summary ?? null },
    service_tier: 'default',
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: { format: { type: 'text' }, verbosity: 'medium', ...body.text },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_p: body.top_p ?? 1,
    truncation: 'disabled',
    usage: usageOfResponses(reply.usage),
    user: null,
    metadata: body.metadata ?? {},
  }
}

function usageOfResponses({ input, cached, written, output, reasoning }: Usage) {
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: cached,
      ...(written > 0 && { cache_write_tokens: written }),
    },
    output_tokens: output + reasoning,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output + reasoning,
  }
}

function eventsOf(reply: Reply, response: ReturnType<typeof responseOf>): ResponseEvent[] {
  const started = {
    ...response,
    status: 'in_progress',
    completed_at: null,
    incomplete_details: null,
    output: [],
    usage: null,
  }
  return [
    { type: 'response.created', response: started },
    { type: 'response.in_progress', response: started },
    ...response.output.flatMap((item, index) => itemEvents(item, index, reply)),
    { type: `response.${response.status}`, response },
  ]
}
