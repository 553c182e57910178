import { heardIn } from '../conversation.ts'
import { anthropicWording } from '../dialects/anthropic-body.ts'
import { anthropicAnswer, anthropicRefusal } from '../dialects/anthropic-messages.ts'
import { promptOfMessages } from '../dialects/anthropic-prompt.ts'
import { checkAnthropicCount, checkAnthropicRules } from '../dialects/anthropic-rules.ts'
import { embeddingsAnswer, embeddingsBody } from '../dialects/embeddings.ts'
import { modelList } from '../dialects/model-list.ts'
import { promptOfChat } from '../dialects/openai-chat-prompt.ts'
import {
  chatAnswer,
  newCallId,
  newChatId,
  newUuid,
  openAiUsage,
  type ChatFlavour,
} from '../dialects/openai-chat.ts'
import { openAiErrorBody, retryAfter, statusOf } from '../dialects/openai-errors.ts'
import { responsesBody } from '../dialects/openai-responses-body.ts'
import { promptOfResponses } from '../dialects/openai-responses-prompt.ts'
import { checkResponsesRules } from '../dialects/openai-responses-rules.ts'
import { responsesAnswer } from '../dialects/openai-responses.ts'
import { jsonAnswer, type Headers } from '../dialects/sse.ts'
import {
  refuse,
  type Incoming,
  type Problem,
  type Proof,
  type Provider,
  type World,
} from '../provider.ts'
import { checkBody, readJson } from '../read-json.ts'
import { usageOf } from '../reply.ts'
import { byRoute } from '../routes.ts'
import {
  anthropicBetas,
  anthropicCountBody,
  hostedMessageBody,
  anthropicVersion,
  messageNaming,
} from './anthropic.ts'
import { checkOpenAiModelRules, openAiChatBody, openAiWording } from './openai-chat-rules.ts'

const safe = { filtered: false, severity: 'safe' }
const contentFilter = { hate: safe, self_harm: safe, sexual: safe, violence: safe }

const headers = (): Headers => ({
  'apim-request-id': newUuid(),
  'x-request-id': newUuid(),
  'x-ms-region': 'Sweden Central',
  'x-ms-client-request-id': newUuid(),
  'x-ratelimit-limit-requests': '250',
  'x-ratelimit-remaining-requests': '249',
  'x-ratelimit-limit-tokens': '250000',
  'x-ratelimit-remaining-tokens': '249000',
  'set-cookie': ['ARRAffinity=stand-in; Path=/; HttpOnly; Secure'],
  connection: 'keep-alive, x-stand-in-hop',
  'x-stand-in-hop': 'for the next hop only',
})

const flavour = (): ChatFlavour => ({
  newId: newChatId,
  newToolCallId: newCallId,
  extras: { system_fingerprint: null },
  choiceExtras: { logprobs: null, content_filter_results: contentFilter },
  messageExtras: { refusal: null },
  usage: openAiUsage,
  usageIn: 'own-chunk-if-asked',
  saysNoUsage: true,
  reasoning: 'hidden',
  saysRefusal: true,
  toolCalls: 'in-parts',
  preamble: [
    {
      choices: [],
      created: 0,
      id: '',
      model: '',
      object: '',
      prompt_filter_results: [{ prompt_index: 0, content_filter_results: contentFilter }],
    },
  ],
  error: (kind) =>
    openAiErrorBody({
      kind,
      message: 'The server had an error while processing your request. Sorry about that!',
    }),
  headers: headers(),
})

const isClaudePath = (request: Incoming) => request.path.startsWith('/anthropic/')

function authenticate(request: Incoming, world: World): Proof {
  const { 'api-key': key, 'x-api-key': claudeKey } = request.headers
  if (claudeKey !== undefined && !isClaudePath(request)) {
    refuse('bad-request', 'unexpected credential header x-api-key')
  }
  if (key !== undefined && claudeKey !== undefined) {
    refuse('bad-request', 'both api-key and x-api-key were sent')
  }
  const known = world.credentials.headerKey('azure', key ?? claudeKey ?? '')
  if (!known) {
    return refuse(
      'bad-credential',
      'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
    )
  }
  return { credential: known.label, proof: key === undefined ? 'x-api-key' : 'api-key' }
}

function checkDeployment(deployment: string): void {
  if (/^[\w.-]{1,64}$/.test(deployment) && !deployment.startsWith('no-such')) return
  refuse(
    'not-found',
    'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.',
    { code: 'DeploymentNotFound' },
  )
}

function checkApiVersion({ query }: Incoming, required: boolean): void {
  const version = new URLSearchParams(query).get('api-version')
  const known = required
    ? version !== null && /^\d{4}-\d\d-\d\d(-preview)?$/.test(version)
    : version === null || version === 'preview' || version === 'v1'
  if (!known) refuse('not-found', 'Resource not found', { code: '404' })
}

/** In the deployment's path the body's `model` means nothing; in v1 it is the deployment. */
function bodyOf(request: Incoming, deployment: string | undefined): unknown {
  checkApiVersion(request, deployment !== undefined)
  const json = readJson(request)
  if (deployment === undefined) return json
  const members = typeof json === 'object' ? json : {}
  return { ...members, model: decodeURIComponent(deployment) }
}

function chat(request: Incoming, world: World, deployment?: string) {
  const body = checkBody(openAiChatBody, bodyOf(request, deployment), openAiWording)
  checkDeployment(body.model)
  checkOpenAiModelRules(body)
  const ask = {
    model: body.model,
    stream: body.stream === true,
    wantsUsage: body.stream_options?.include_usage === true,
  }
  return chatAnswer(world.compose('azure', promptOfChat(body, false)), ask, flavour())
}

function embeddings(request: Incoming, deployment?: string) {
  const body = checkBody(embeddingsBody, bodyOf(request, deployment), openAiWording)
  checkDeployment(body.model)
  return embeddingsAnswer(body, headers())
}

function responses(request: Incoming, world: World, needsVersion: boolean) {
  checkApiVersion(request, needsVersion)
  const body = checkBody(responsesBody, readJson(request), openAiWording)
  checkDeployment(body.model)
  checkResponsesRules(body)
  return responsesAnswer(world.compose('azure', promptOfResponses(body)), body, headers())
}

function claude(request: Incoming, world: World) {
  const version = anthropicVersion(request)
  const body = checkBody(hostedMessageBody, readJson(request), anthropicWording)
  checkDeployment(body.model)
  checkAnthropicRules(body, { model: body.model, version, betas: anthropicBetas(request) })
  return anthropicAnswer(
    world.compose('azure', promptOfMessages(body)),
    messageNaming(body, body.model, 'msg_01'),
    { stream: body.stream === true, headers: { ...headers(), 'request-id': newUuid() } },
  )
}

function countClaudeTokens(request: Incoming) {
  const version = anthropicVersion(request)
  const body = checkBody(anthropicCountBody, readJson(request), anthropicWording)
  checkDeployment(body.model)
  checkAnthropicCount(body, { model: body.model, version, betas: anthropicBetas(request) })
  return jsonAnswer(
    200,
    { input_tokens: usageOf(heardIn(promptOfMessages(body)), '').input },
    headers(),
  )
}

function models(request: Incoming) {
  checkApiVersion(request, false)
  return modelList(['gpt-5.4-mini', 'text-embedding-3-small'], 'azure', headers())
}

const deployments = '/openai/deployments/{deployment}'

/** https://learn.microsoft.com/azure/ai-foundry/openai/reference */
export const azure: Provider = {
  name: 'azure',
  credentialHeaders: ['api-key', 'x-api-key'],
  authenticate,

  answer: (request, world) =>
    byRoute(request, [
      ['POST', '/openai/v1/chat/completions', () => chat(request, world)],
      ['POST', '/openai/v1/responses', () => responses(request, world, false)],
      ['POST', '/openai/v1/embeddings', () => embeddings(request)],
      ['GET', '/openai/v1/models', () => models(request)],
      ['POST', '/openai/responses', () => responses(request, world, true)],
      [
        'POST',
        `${deployments}/chat/completions`,
        ({ deployment = '' }) => chat(request, world, deployment),
      ],
      [
        'POST',
        `${deployments}/embeddings`,
        ({ deployment = '' }) => embeddings(request, deployment),
      ],
      ['POST', '/anthropic/v1/messages', () => claude(request, world)],
      ['POST', '/anthropic/v1/messages/count_tokens', () => countClaudeTokens(request)],
    ]),

  refuse(problem, request) {
    if (isClaudePath(request)) {
      const id = newUuid()
      return anthropicRefusal(problem, id, { ...headers(), 'request-id': id })
    }
    return jsonAnswer(statusOf(problem), errorBody(problem), {
      ...headers(),
      ...retryAfter(problem),
    })
  },
}

// What Azure's front door refuses has a code and a message only; what the model refuses is OpenAI's.
function errorBody(problem: Problem) {
  const frontDoor: Partial<Record<Problem['kind'], string>> = {
    'bad-credential': '401',
    forbidden: '403',
    'not-found': '404',
    'rate-limit': '429',
    overloaded: 'ServiceUnavailable',
  }
  const code = frontDoor[problem.kind]
  if (code === undefined) return openAiErrorBody(problem)
  return { error: { code: problem.code ?? code, message: problem.message } }
}
