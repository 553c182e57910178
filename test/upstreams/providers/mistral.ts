import { z } from 'zod'
import { embeddingsAnswer, embeddingsBody } from '../dialects/embeddings.ts'
import { modelList } from '../dialects/model-list.ts'
import { chatAnswer, type ChatFlavour } from '../dialects/openai-chat.ts'
import { functionTools, promptOf } from '../dialects/openai-chat-body.ts'
import { retryAfter, statusOf } from '../dialects/openai-errors.ts'
import { jsonAnswer, type Headers } from '../dialects/sse.ts'
import { refuse, type Incoming, type Problem, type Provider, type World } from '../provider.ts'
import { alphabets, randomText } from '../random.ts'
import { anything, checkBody, readJson, text } from '../read-json.ts'
import { byRoute } from '../routes.ts'
import { verifyBearerKey } from './bearer-key.ts'

const optional = z.unknown().optional()
const chatMessage = z.strictObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.union([z.string(), z.array(z.looseObject({ type: text })), z.null()]).optional(),
  name: z.string().nullable().optional(),
  prefix: z.boolean().optional(),
  tool_call_id: text.nullable().optional(),
  tool_calls: z
    .array(
      z.strictObject({
        id: text,
        type: z.literal('function').optional(),
        index: z.int().optional(),
        function: z.strictObject({ name: text, arguments: z.union([z.string(), anything]) }),
      }),
    )
    .nullable()
    .optional(),
})
const chatBody = z.strictObject({
  model: text,
  messages: z.array(chatMessage).min(1),
  stream: z.boolean().optional(),
  frequency_penalty: optional,
  guardrails: optional,
  max_tokens: z.int().min(0).nullable().optional(),
  metadata: optional,
  n: optional,
  parallel_tool_calls: z.boolean().optional(),
  prediction: optional,
  presence_penalty: optional,
  prompt_cache_key: optional,
  prompt_mode: optional,
  random_seed: z.int().nullable().optional(),
  reasoning_effort: z.enum(['none', 'low', 'medium', 'high']).nullable().optional(),
  response_format: z
    .looseObject({ type: z.enum(['text', 'json_object', 'json_schema']) })
    .optional(),
  safe_prompt: z.boolean().optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  stop: z.union([z.string(), z.array(z.string()), z.null()]).optional(),
  temperature: z.number().min(0).max(1.5).nullable().optional(),
  tool_choice: z.union([z.enum(['auto', 'none', 'any', 'required']), anything]).optional(),
  tools: functionTools.nullable().optional(),
  top_p: z.number().min(0).max(1).nullable().optional(),
})

const mistralEmbeddings = z.strictObject({
  model: text,
  input: z.union([text, z.array(text).min(1)]),
  output_dimension: z.int().positive().nullable().optional(),
  output_dtype: optional,
  encoding_format: z.enum(['float', 'base64']).optional(),
  metadata: optional,
})

const wording = {
  kind: 'unprocessable' as const,
  unknownField: () => 'Extra inputs are not permitted',
  wrongField: (_: string, detail: string) => detail,
  unknownCode: 'extra_forbidden',
  wrongCode: 'value_error',
}

const headers = (): Headers => {
  const id = `${randomText(8, alphabets.hex)}-${randomText(12, alphabets.hex)}`
  return {
    'mistral-correlation-id': id,
    'x-kong-request-id': randomText(32, alphabets.hex),
    'x-ratelimit-limit-req-minute': '360',
    'x-ratelimit-remaining-req-minute': '359',
    'ratelimitbysize-limit': '500000',
    'ratelimitbysize-remaining': '499981',
    'set-cookie': [`__cf_bm=${randomText(24)}; path=/; HttpOnly; Secure`],
  }
}

const flavour = (): ChatFlavour => ({
  newId: () => randomText(32, alphabets.hex),
  newToolCallId: () => randomText(9),
  choiceExtras: { logprobs: null },
  usage: ({ input, cached, output, reasoning }) => ({
    prompt_tokens: input,
    total_tokens: input + output + reasoning,
    completion_tokens: output + reasoning,
    num_cached_tokens: cached,
  }),
  usageIn: 'last-chunk',
  saysNoUsage: false,
  toolCalls: 'whole',
  bareToolCalls: true,
  error: errorBody({ kind: 'server-error', message: 'Internal server error' }),
  headers: headers(),
})

function checkMessages({ messages }: z.infer<typeof chatBody>): void {
  for (const { tool_calls: calls, tool_call_id: id } of messages) {
    for (const callId of [...(calls ?? []).map((call) => call.id), ...(id ? [id] : [])]) {
      if (/^[A-Za-z0-9]{9}$/.test(callId)) continue
      refuse(
        'bad-request',
        `Tool call id was ${callId} but must be a-z, A-Z, 0-9, with a length of 9.`,
        { code: '3280' },
      )
    }
  }
  const calls = messages.flatMap(({ tool_calls: made }) => made ?? []).length
  const results = messages.filter(({ role }) => role === 'tool').length
  if (calls !== results) {
    refuse('bad-request', 'Not the same number of function calls and responses', { code: '3230' })
  }
  const last = messages.at(-1)
  if (last?.role === 'user' || last?.role === 'tool' || last?.prefix === true) return
  refuse(
    'bad-request',
    `Expected last role User or Tool (or Assistant with prefix True) for serving but got ${last?.role}`,
    { code: '3230' },
  )
}

function checkModel(model: string): void {
  if (/^(open-)?(mistral|ministral|magistral|codestral|devstral|pixtral|voxtral)-/.test(model))
    return
  refuse('bad-request', `Invalid model: ${model}`, { code: '1500' })
}

function chat(request: Incoming, world: World) {
  const body = checkBody(chatBody, readJson(request), wording)
  checkModel(body.model)
  checkMessages(body)
  const prompt = promptOf(body.messages, body.tools ?? undefined, false)
  const ask = { model: body.model, stream: body.stream === true, wantsUsage: true }
  return chatAnswer(world.compose('mistral', prompt), ask, flavour())
}

function embeddings(request: Incoming) {
  const body = checkBody(mistralEmbeddings, readJson(request), wording)
  checkModel(body.model)
  const { model, input, output_dimension: dimensions, encoding_format } = body
  return embeddingsAnswer(
    embeddingsBody.parse({ model, input, encoding_format, dimensions: dimensions ?? undefined }),
    headers(),
  )
}

/** https://docs.mistral.ai/api */
export const mistral: Provider = {
  name: 'mistral',
  credentialHeaders: ['authorization'],

  authenticate: (request, world) =>
    verifyBearerKey('mistral', request, { world, wrongKey: () => 'Unauthorized' }),

  answer: (request, world) =>
    byRoute(request, [
      ['POST', '/v1/chat/completions', () => chat(request, world)],
      ['POST', '/v1/embeddings', () => embeddings(request)],
      [
        'GET',
        '/v1/models',
        () => modelList(['mistral-large-4-0', 'mistral-embed'], 'mistralai', headers()),
      ],
    ]),

  refuse(problem) {
    const { kind, message, param, code } = problem
    const shown = { ...headers(), ...retryAfter(problem) }
    if (kind === 'bad-credential' || kind === 'not-found') {
      return jsonAnswer(statusOf(problem), { detail: message }, shown)
    }
    if (kind === 'unprocessable') {
      const detail = [{ type: code, loc: ['body', ...(param ?? '').split('.')], msg: message }]
      return jsonAnswer(422, { detail }, shown)
    }
    return jsonAnswer(statusOf(problem), errorBody(problem), shown)
  },
}

function errorBody({ kind, message, param, code }: Problem) {
  const types: Record<string, string> = {
    'rate-limit': 'rate_limited',
    overloaded: 'service_unavailable',
    'server-error': 'internal_server_error',
  }
  return {
    object: 'error',
    message,
    type: types[kind] ?? 'invalid_request_error',
    param: param ?? null,
    code: code ?? (kind === 'rate-limit' ? '1300' : '1000'),
  }
}
