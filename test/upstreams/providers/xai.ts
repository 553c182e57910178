import { z } from 'zod'
import { modelList } from '../dialects/model-list.ts'
import { functionTools, looseMessages } from '../dialects/openai-chat-body.ts'
import { promptOfChat } from '../dialects/openai-chat-prompt.ts'
import { chatAnswer, newUuid, type ChatFlavour } from '../dialects/openai-chat.ts'
import { retryAfter, statusOf } from '../dialects/openai-errors.ts'
import { checkItems } from '../dialects/openai-items.ts'
import { responsesBody } from '../dialects/openai-responses-body.ts'
import { promptOfResponses } from '../dialects/openai-responses-prompt.ts'
import { responsesAnswer } from '../dialects/openai-responses.ts'
import { jsonAnswer, type Headers } from '../dialects/sse.ts'
import { refuse, type Incoming, type ProblemKind, type Provider, type World } from '../provider.ts'
import { alphabets, randomText } from '../random.ts'
import { anything, checkBody, readJson, text } from '../read-json.ts'
import { byRoute } from '../routes.ts'
import { verifyBearerKey } from './bearer-key.ts'

const chatBody = z.looseObject({
  model: text,
  messages: looseMessages(['system', 'developer', 'user', 'assistant', 'tool']),
  stream: z.boolean().nullable().optional(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullable().optional(),
  temperature: z.number().min(0).max(2).nullable().optional(),
  reasoning_effort: z.enum(['none', 'low', 'medium', 'high', 'xhigh']).nullable().optional(),
  max_tokens: z.int().min(1).nullable().optional(),
  max_completion_tokens: z.int().min(1).nullable().optional(),
  response_format: z
    .looseObject({ type: z.enum(['text', 'json_object', 'json_schema']) })
    .nullable()
    .optional(),
  tools: functionTools.nullable().optional(),
  tool_choice: z.union([z.enum(['none', 'auto', 'required']), anything]).optional(),
})

const wording = {
  kind: 'unprocessable' as const,
  unknownField: (path: string) => `Failed to deserialize the JSON body: unknown field ${path}`,
  wrongField: (path: string, detail: string) =>
    `Failed to deserialize the JSON body into the target type: ${path}: ${detail}`,
}

const headers = (): Headers => ({
  'x-request-id': newUuid(),
  'x-ratelimit-limit-requests': '480',
  'x-ratelimit-remaining-requests': '479',
  'x-ratelimit-limit-tokens': '2000000',
  'x-ratelimit-remaining-tokens': '1999000',
  'set-cookie': [`__cf_bm=${randomText(24)}; path=/; HttpOnly; Secure`],
})

const flavour = (): ChatFlavour => ({
  newId: newUuid,
  newToolCallId: () => `call_${randomText(8, '0123456789')}`,
  extras: { system_fingerprint: `fp_${randomText(10, alphabets.hex)}` },
  messageExtras: { refusal: null },
  // Unlike everybody else's, these completion tokens are without the reasoning.
  usage: ({ input, cached, output, reasoning }) => ({
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output + reasoning,
    prompt_tokens_details: {
      text_tokens: input,
      audio_tokens: 0,
      image_tokens: 0,
      cached_tokens: cached,
    },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
    num_sources_used: 0,
    cost_in_usd_ticks: (input + output + reasoning) * 500,
  }),
  usageIn: 'own-chunk',
  saysNoUsage: false,
  reasoning: 'beside',
  toolCalls: 'whole',
  error: (kind) => ({ code: codes[kind], error: 'Internal error' }),
  headers: headers(),
})

function checkRules(body: z.infer<typeof chatBody>, thinks: boolean): void {
  checkModel(body.model)
  for (const field of ['presence_penalty', 'frequency_penalty', 'stop']) {
    if (thinks && body[field] !== undefined && body[field] !== null) {
      refuse('bad-request', `Argument not supported on this model: ${field}`)
    }
  }
  checkEffort(body.model, 'reasoning_effort', body.reasoning_effort)
}

/** Efforts by family, the first that fits. */
const LADDERS: readonly (readonly [family: RegExp, efforts: readonly string[]])[] = [
  [/^grok-3-mini/, ['low', 'high']],
  [/^grok-4\.3/, ['none', 'low', 'medium', 'high']],
  [/^grok-4\.5/, ['low', 'medium', 'high']],
  [/^grok-(?:4\.[6-9]|latest)/, ['low', 'medium', 'high', 'xhigh']],
]

function checkEffort(model: string, field: string, effort: unknown): void {
  if (typeof effort !== 'string') return
  const efforts = LADDERS.find(([family]) => family.test(model))?.[1] ?? []
  if (efforts.includes(effort)) return
  refuse('bad-request', `Argument not supported on this model: ${field} ${effort}`)
}

function checkModel(model: string): void {
  if (model.startsWith('grok-')) return
  refuse('not-found', `The model ${model} does not exist or your team does not have access to it.`)
}

function checkTools({ tools = [] }: z.infer<typeof responsesBody>): void {
  for (const tool of tools) {
    if (!('external_web_access' in tool)) continue
    refuse('bad-request', 'Argument not supported: external_web_access')
  }
}

function chat(request: Incoming, world: World) {
  const body = checkBody(chatBody, readJson(request), wording)
  const thinks = !body.model.includes('non-reasoning') && body.reasoning_effort !== 'none'
  checkRules(body, thinks)
  const prompt = promptOfChat(body, thinks)
  const ask = { model: body.model, stream: body.stream === true, wantsUsage: true }
  return chatAnswer(world.compose('xai', prompt), ask, flavour())
}

const codes: Partial<Record<ProblemKind, string>> = {
  'bad-credential': 'Client specified an invalid argument',
  forbidden: 'The caller does not have permission to execute the specified operation',
  'not-found': 'Some requested entity was not found',
  'rate-limit': 'Some resource has been exhausted',
  overloaded: 'The service is currently unavailable',
  'server-error': 'Internal server error',
}

/** https://docs.x.ai/docs/api-reference */
export const xai: Provider = {
  name: 'xai',
  credentialHeaders: ['authorization'],

  authenticate: (request, world) =>
    verifyBearerKey('xai', request, {
      world,
      wrongKey: (hint) =>
        `Incorrect API key provided: ${hint}. You can obtain an API key from https://console.x.ai.`,
    }),

  answer: (request, world) =>
    byRoute(request, [
      ['POST', '/v1/chat/completions', () => chat(request, world)],
      [
        'POST',
        '/v1/responses',
        () => {
          const body = checkBody(responsesBody, readJson(request), wording)
          checkModel(body.model)
          checkEffort(body.model, 'reasoning.effort', body.reasoning?.effort)
          checkTools(body)
          if (typeof body.input !== 'string') checkItems(body.input, 'xai')
          return responsesAnswer(world.compose('xai', promptOfResponses(body)), body, headers())
        },
      ],
      ['GET', '/v1/models', () => modelList(['grok-4.7', 'grok-4.6'], 'xai', headers())],
    ]),

  refuse(problem) {
    // A key that it does not know is a 400 here; only a missing one is a 401.
    const unknownKey = problem.kind === 'bad-credential' && problem.message.startsWith('Incorrect')
    const status = unknownKey ? 400 : statusOf(problem)
    return jsonAnswer(
      status,
      {
        code: codes[problem.kind] ?? 'Client specified an invalid argument',
        error: problem.message,
      },
      { ...headers(), ...retryAfter(problem) },
    )
  },
}
