import { z } from 'zod'
import { modelList } from '../dialects/model-list.ts'
import { functionTools, looseMessages } from '../dialects/openai-chat-body.ts'
import { promptOfChat } from '../dialects/openai-chat-prompt.ts'
import { chatAnswer, type ChatFlavour } from '../dialects/openai-chat.ts'
import { retryAfter } from '../dialects/openai-errors.ts'
import { jsonAnswer, type Headers } from '../dialects/sse.ts'
import { refuse, type Incoming, type ProblemKind, type Provider, type World } from '../provider.ts'
import { alphabets, randomText } from '../random.ts'
import { checkBody, readJson, text } from '../read-json.ts'
import { byRoute } from '../routes.ts'
import { verifyBearerKey } from './bearer-key.ts'

/** Members of OpenAI's that are not Z.ai's. */
const unknownHere = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, z.never().optional()]))

const chatBody = z.looseObject({
  model: text,
  messages: looseMessages(
    ['system', 'user', 'assistant', 'tool'],
    ['text', 'image_url', 'video_url', 'file_url'],
  ),
  reasoning_effort: text.optional(),
  tool_stream: z.boolean().optional(),
  stream: z.boolean().nullable().optional(),
  max_tokens: z.int().min(1).max(131_072).nullable().optional(),
  temperature: z.number().min(0).max(1).nullable().optional(),
  top_p: z.number().min(0).max(1).nullable().optional(),
  thinking: z.looseObject({ type: z.enum(['enabled', 'disabled']) }).optional(),
  response_format: z.looseObject({ type: z.enum(['text', 'json_object']) }).optional(),
  tools: functionTools.nullable().optional(),
  tool_choice: z.literal('auto').optional(),
  stop: z.array(z.string()).optional(),
  ...unknownHere(
    'max_completion_tokens',
    'presence_penalty',
    'frequency_penalty',
    'seed',
    'n',
    'logit_bias',
    'stream_options',
  ),
})

const wording = {
  unknownField: (path: string) => `Invalid API parameter: ${path}`,
  wrongField: (path: string, detail: string) => `Invalid API parameter: ${path}: ${detail}`,
  wrongCode: '1210',
}

const headers = (): Headers => ({
  'x-log-id': randomText(32, alphabets.hex),
  'set-cookie': [`acw_tc=${randomText(40, alphabets.hex)};path=/;HttpOnly;Max-Age=1800`],
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
})

const flavour = (): ChatFlavour => ({
  newId: () => `20261120${randomText(24, alphabets.hex)}`,
  newToolCallId: () => `call_${randomText(20, '0123456789')}`,
  usage: ({ input, cached, output, reasoning }) => ({
    prompt_tokens: input,
    completion_tokens: output + reasoning,
    total_tokens: input + output + reasoning,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  }),
  usageIn: 'last-chunk',
  saysNoUsage: false,
  reasoning: 'beside',
  finishWords: { 'content-filter': 'sensitive' },
  toolCalls: 'whole',
  error: (kind) => ({
    error: { code: errors[kind][1], message: 'Network error, please try again later.' },
  }),
  headers: headers(),
})

function chat(request: Incoming, world: World) {
  const body = checkBody(chatBody, readJson(request), wording)
  if (!body.model.startsWith('glm-')) {
    refuse('bad-request', 'Unknown Model, please check the model code.', { code: '1211' })
  }
  checkMedia(body)
  checkThinking(body)
  if (body.tools?.some((tool) => tool.function.strict !== undefined)) {
    refuse('bad-request', 'Invalid API parameter: tools.function.strict', { code: '1210' })
  }
  const thinks = body.thinking?.type !== 'disabled' || body.model.startsWith('glm-5.3')
  const prompt = promptOfChat(body, thinks)
  const ask = { model: body.model, stream: body.stream === true, wantsUsage: true }
  return chatAnswer(world.compose('zai', prompt), ask, flavour())
}

// Only the models with a v in their number see.
function checkMedia({ model, messages }: z.infer<typeof chatBody>): void {
  if (/^glm-[\d.]+v/.test(model)) return
  for (const [index, { content }] of messages.entries()) {
    if (!Array.isArray(content) || content.every(({ type }) => type === 'text')) continue
    refuse('bad-request', `Invalid API parameter: messages.${index}.content.type`, { code: '1210' })
  }
}

// How hard can be said from 5.2 on; from 5.3 on they always think.
function checkThinking({
  model,
  thinking,
  reasoning_effort: effort,
}: z.infer<typeof chatBody>): void {
  const invalid = (path: string) =>
    refuse('bad-request', `Invalid API parameter: ${path}`, { code: '1210' })
  const alwaysThinks = model.startsWith('glm-5.3')
  if (alwaysThinks && thinking?.type === 'disabled') invalid('thinking.type')
  if (effort === undefined) return
  const words = alwaysThinks ? ['low', 'high', 'max'] : ['none', 'high', 'max']
  if (!/^glm-5\.[23]/.test(model) || !words.includes(effort)) invalid('reasoning_effort')
}

const errors: Record<ProblemKind, [status: number, code: string]> = {
  'bad-credential': [401, '1000'],
  forbidden: [403, '1220'],
  'bad-request': [400, '1213'],
  unprocessable: [400, '1210'],
  'not-found': [404, '1211'],
  'wrong-method': [405, '1212'],
  'media-type': [400, '1210'],
  'rate-limit': [429, '1302'],
  overloaded: [429, '1305'],
  'server-error': [500, '1234'],
}

/** https://docs.z.ai/api-reference */
export const zai: Provider = {
  name: 'zai',
  credentialHeaders: ['authorization'],

  authenticate: (request, world) =>
    verifyBearerKey('zai', request, {
      world,
      wrongKey: () => 'token expired or incorrect',
    }),

  answer: (request, world) =>
    byRoute(request, [
      ['POST', '/api/paas/v4/chat/completions', () => chat(request, world)],
      ['GET', '/api/paas/v4/models', () => modelList(['glm-5.3', 'glm-4.7'], 'z-ai', headers())],
    ]),

  refuse(problem) {
    const [status, code] = errors[problem.kind]
    return jsonAnswer(
      problem.status ?? status,
      { error: { code: problem.code ?? code, message: problem.message } },
      { ...headers(), ...retryAfter(problem) },
    )
  },
}
