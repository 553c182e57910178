import { z } from 'zod'
import { modelList } from '../dialects/model-list.ts'
import { functionTools, looseMessages } from '../dialects/openai-chat-body.ts'
import { promptOfChat } from '../dialects/openai-chat-prompt.ts'
import { chatAnswer, newUuid, type ChatFlavour } from '../dialects/openai-chat.ts'
import { openAiErrorBody, retryAfter, statusOf } from '../dialects/openai-errors.ts'
import { jsonAnswer, type Headers } from '../dialects/sse.ts'
import { checkToolHistory } from '../dialects/tool-history.ts'
import { refuse, type Incoming, type Problem, type Provider, type World } from '../provider.ts'
import { alphabets, randomText } from '../random.ts'
import { anything, checkBody, readJson, text } from '../read-json.ts'
import { byRoute } from '../routes.ts'
import { verifyBearerKey } from './bearer-key.ts'

const chatBody = z.looseObject({
  model: text,
  messages: looseMessages(['system', 'user', 'assistant', 'tool'], ['text', 'image_url']),
  stream: z.boolean().nullable().optional(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullable().optional(),
  max_tokens: z.int().min(1).nullable().optional(),
  max_completion_tokens: z.never().optional(),
  temperature: z.number().min(0).max(2).nullable().optional(),
  top_p: z.number().min(0).max(1).nullable().optional(),
  thinking: z.looseObject({ type: z.enum(['enabled', 'disabled']) }).optional(),
  reasoning_effort: z
    .enum(['minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra'])
    .optional(),
  response_format: z.looseObject({ type: text }).optional(),
  tools: functionTools.nullable().optional(),
  tool_choice: z.union([z.enum(['none', 'auto', 'required']), anything]).optional(),
})

const wording = {
  kind: 'unprocessable' as const,
  unknownField: (path: string) =>
    `Failed to deserialize the JSON body into the target type: ${path}: unknown field`,
  wrongField: (path: string, detail: string) =>
    `Failed to deserialize the JSON body into the target type: ${path}: ${detail}`,
}

const headers = (): Headers => ({
  'x-ds-trace-id': randomText(32, alphabets.hex),
  server: 'CloudFront',
  via: '1.1 stand-in.cloudfront.net (CloudFront)',
  'x-amz-cf-id': randomText(56, alphabets.base64url),
})

const flavour = (): ChatFlavour => ({
  newId: newUuid,
  newToolCallId: () => `call_00_${randomText(24)}`,
  extras: { system_fingerprint: 'fp_stand_in_prod' },
  choiceExtras: { logprobs: null },
  usage: ({ input, cached, output, reasoning }) => ({
    prompt_tokens: input,
    completion_tokens: output + reasoning,
    total_tokens: input + output + reasoning,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
    prompt_cache_hit_tokens: cached,
    prompt_cache_miss_tokens: input - cached,
  }),
  usageIn: 'last-chunk',
  saysNoUsage: true,
  reasoning: 'beside',
  toolCalls: 'in-parts',
  keepAlive: 'keep-alive',
  error: (kind) => errorBody({ kind, message: 'Internal Server Error' }),
  headers: headers(),
})

function checkRules(body: z.infer<typeof chatBody>, thinks: boolean): void {
  if (!/^deepseek-(flash|v\d)/.test(body.model)) refuse('bad-request', 'Model Not Exist')
  if (body.response_format?.type === 'json_schema') {
    refuse('bad-request', 'This response_format type is unavailable now')
  }
  if (
    body.response_format?.type === 'json_object' &&
    !/json/i.test(JSON.stringify(body.messages))
  ) {
    refuse(
      'bad-request',
      `Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'.`,
    )
  }
  if (body.tools?.some((tool) => tool.function.strict === true)) {
    refuse('bad-request', 'Strict tools are available at https://api.deepseek.com/beta only')
  }
  const hasImage = JSON.stringify(body.messages).includes('"type":"image_url"')
  if (hasImage && !/flash|vision/.test(body.model)) {
    refuse(
      'unprocessable',
      wording.wrongField('messages', 'unknown variant `image_url`, expected `text`'),
    )
  }
  checkToolHistory(body.messages)
  if (!thinks) return
  if (typeof body.tool_choice === 'object') {
    refuse('bad-request', 'Thinking mode does not support this tool_choice')
  }
  const forgot = body.messages.some(
    (one) => one.tool_calls?.length && one['reasoning_content'] === undefined,
  )
  if (forgot) {
    refuse(
      'bad-request',
      'The `reasoning_content` in the thinking mode must be passed back to the API.',
    )
  }
}

function chat(request: Incoming, world: World) {
  const body = checkBody(chatBody, readJson(request), wording)
  const thinks = body.thinking?.type !== 'disabled'
  checkRules(body, thinks)
  const prompt = promptOfChat(body, thinks)
  const ask = { model: body.model, stream: body.stream === true, wantsUsage: true }
  return chatAnswer(world.compose('deepseek', prompt), ask, flavour())
}

function errorBody(problem: Problem) {
  const { error } = openAiErrorBody(problem)
  const type = problem.kind === 'bad-credential' ? 'authentication_error' : error.type
  return { error: { ...error, type, code: 'invalid_request_error' } }
}

/** https://api-docs.deepseek.com/ */
export const deepseek: Provider = {
  name: 'deepseek',
  credentialHeaders: ['authorization'],

  authenticate: (request, world) =>
    verifyBearerKey('deepseek', request, {
      world,
      wrongKey: (hint) => `Authentication Fails, Your api key: ${hint} is invalid`,
    }),

  answer: (request, world) =>
    byRoute(request, [
      ['POST', '/chat/completions', () => chat(request, world)],
      ['POST', '/v1/chat/completions', () => chat(request, world)],
      [
        'GET',
        '/models',
        () => modelList(['deepseek-flash', 'deepseek-v4-pro'], 'deepseek', headers()),
      ],
    ]),

  refuse: (problem) =>
    jsonAnswer(statusOf(problem), errorBody(problem), { ...headers(), ...retryAfter(problem) }),
}
