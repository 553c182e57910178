import { z } from 'zod'
import { embeddingsAnswer, embeddingsBody } from '../dialects/embeddings.ts'
import { modelList } from '../dialects/model-list.ts'
import { promptOfChat } from '../dialects/openai-chat-prompt.ts'
import { chatAnswer, type ChatFlavour } from '../dialects/openai-chat.ts'
import { retryAfter, statusOf } from '../dialects/openai-errors.ts'
import { jsonAnswer, type Headers } from '../dialects/sse.ts'
import { refuse, type Incoming, type Problem, type Provider, type World } from '../provider.ts'
import { alphabets, randomText } from '../random.ts'
import { checkBody, readJson, text } from '../read-json.ts'
import { byRoute } from '../routes.ts'
import { verifyBearerKey } from './bearer-key.ts'
import { checkMistralRules, mistralChatBody } from './mistral-body.ts'

const optional = z.unknown().optional()
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
  reasoning: 'in-content',
  toolCalls: 'whole',
  bareToolCalls: true,
  error: (kind) => errorBody({ kind, message: 'Internal server error' }),
  headers: headers(),
})

function checkModel(model: string): void {
  if (/^(open-)?(mistral|ministral|magistral|codestral|devstral|pixtral|voxtral)-/.test(model))
    return
  refuse('bad-request', `Invalid model: ${model}`, { code: '1500' })
}

function chat(request: Incoming, world: World) {
  const body = checkBody(mistralChatBody, readJson(request), wording)
  checkModel(body.model)
  checkMistralRules(body)
  const { reasoning_effort: effort, model } = body
  const thinks = model.startsWith('magistral-') || (typeof effort === 'string' && effort !== 'none')
  const prompt = promptOfChat(body, thinks)
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
