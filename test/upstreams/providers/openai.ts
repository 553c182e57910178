import { heardIn } from '../conversation.ts'
import { embeddingsAnswer, embeddingsBody } from '../dialects/embeddings.ts'
import { modelList, oneModel } from '../dialects/model-list.ts'
import { promptOfChat } from '../dialects/openai-chat-prompt.ts'
import {
  chatAnswer,
  newCallId,
  newChatId,
  openAiUsage,
  type ChatFlavour,
} from '../dialects/openai-chat.ts'
import { openAiErrorBody, openAiRefusal } from '../dialects/openai-errors.ts'
import { responsesBody } from '../dialects/openai-responses-body.ts'
import { promptOfResponses } from '../dialects/openai-responses-prompt.ts'
import { checkResponsesRules } from '../dialects/openai-responses-rules.ts'
import { responsesAnswer } from '../dialects/openai-responses.ts'
import { jsonAnswer, type Headers } from '../dialects/sse.ts'
import { refuse, type Incoming, type Provider, type World } from '../provider.ts'
import { alphabets, randomText } from '../random.ts'
import { checkBody, readJson } from '../read-json.ts'
import { usageOf } from '../reply.ts'
import { byRoute } from '../routes.ts'
import { verifyBearerKey } from './bearer-key.ts'
import { checkOpenAiModelRules, openAiChatBody, openAiWording } from './openai-chat-rules.ts'

const headers = (): Headers => ({
  'x-request-id': `req_${randomText(32, alphabets.hex)}`,
  'openai-processing-ms': '42',
  'openai-version': '2020-10-01',
  'openai-organization': 'org-stand-in',
  'x-ratelimit-limit-requests': '10000',
  'x-ratelimit-remaining-requests': '9999',
  'x-ratelimit-reset-requests': '6ms',
  'x-ratelimit-limit-tokens': '2000000',
  'x-ratelimit-remaining-tokens': '1999973',
  'x-ratelimit-reset-tokens': '120ms',
  'set-cookie': [`__cf_bm=${randomText(24)}; path=/; HttpOnly; Secure`, '_cfuvid=stand-in; path=/'],
  'cf-cache-status': 'DYNAMIC',
  server: 'cloudflare',
  'alt-svc': 'h3=":443"; ma=86400',
})

const flavour = (): ChatFlavour => ({
  newId: newChatId,
  newToolCallId: newCallId,
  extras: { service_tier: 'default', system_fingerprint: `fp_${randomText(10, alphabets.hex)}` },
  choiceExtras: { logprobs: null },
  messageExtras: { refusal: null },
  usage: openAiUsage,
  usageIn: 'own-chunk-if-asked',
  saysNoUsage: true,
  reasoning: 'hidden',
  saysRefusal: true,
  toolCalls: 'in-parts',
  error: (kind) =>
    openAiErrorBody({
      kind,
      message: 'The server had an error while processing your request. Sorry about that!',
    }),
  headers: headers(),
})

const models = ['gpt-6-sol', 'gpt-5.5', 'gpt-5.4-mini', 'gpt-4.1', 'text-embedding-3-small']

function checkModel(model: string): void {
  if (/^(gpt-|chatgpt-|o\d|codex|ft:|text-embedding-)/.test(model)) return
  refuse('not-found', `The model \`${model}\` does not exist or you do not have access to it.`, {
    code: 'model_not_found',
  })
}

function chat(request: Incoming, world: World) {
  const body = checkBody(openAiChatBody, readJson(request), openAiWording)
  checkModel(body.model)
  checkOpenAiModelRules(body)
  const ask = {
    model: body.model,
    stream: body.stream === true,
    wantsUsage: body.stream_options?.include_usage === true,
  }
  return chatAnswer(world.compose('openai', promptOfChat(body, false)), ask, flavour())
}

function inputTokens(request: Incoming) {
  const body = checkBody(responsesBody, readJson(request), openAiWording)
  const { input } = usageOf(heardIn(promptOfResponses(body)), '')
  return jsonAnswer(200, { object: 'response.input_tokens', input_tokens: input }, headers())
}

/** https://platform.openai.com/docs/api-reference */
export const openai: Provider = {
  name: 'openai',
  credentialHeaders: ['authorization'],

  authenticate: (request, world) =>
    verifyBearerKey('openai', request, {
      world,
      wrongKey: (hint) =>
        `Incorrect API key provided: ${hint}. You can find your API key at https://platform.openai.com/account/api-keys.`,
    }),

  answer: (request, world) =>
    byRoute(request, [
      ['POST', '/v1/chat/completions', () => chat(request, world)],
      [
        'POST',
        '/v1/responses',
        () => {
          const body = checkBody(responsesBody, readJson(request), openAiWording)
          checkModel(body.model)
          checkResponsesRules(body)
          return responsesAnswer(world.compose('openai', promptOfResponses(body)), body, headers())
        },
      ],
      ['POST', '/v1/responses/input_tokens', () => inputTokens(request)],
      [
        'POST',
        '/v1/embeddings',
        () => {
          const body = checkBody(embeddingsBody, readJson(request), openAiWording)
          checkModel(body.model)
          return embeddingsAnswer(body, headers())
        },
      ],
      ['GET', '/v1/models', () => modelList(models, 'openai', headers())],
      [
        'GET',
        '/v1/models/{id}',
        ({ id = '' }) =>
          oneModel(decodeURIComponent(id), models, { owner: 'openai', headers: headers() }) ??
          refuse('not-found', `The model '${id}' does not exist`, { code: 'model_not_found' }),
      ],
      ['GET', '/v1/responses/{id}', ({ id }) => noResponse(id)],
      ['DELETE', '/v1/responses/{id}', ({ id }) => noResponse(id)],
    ]),

  refuse: (problem) => openAiRefusal(problem, headers()),
}

function noResponse(id = ''): never {
  return refuse('not-found', `Response with id '${id}' not found.`)
}
