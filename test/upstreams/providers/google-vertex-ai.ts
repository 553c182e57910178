import { z } from 'zod'
import { heardIn } from '../conversation.ts'
import { anthropicWording, countedMembers, messageMembers } from '../dialects/anthropic-body.ts'
import { anthropicAnswer, anthropicRefusal } from '../dialects/anthropic-messages.ts'
import { promptOfMessages } from '../dialects/anthropic-prompt.ts'
import { checkAnthropicCount, checkAnthropicRules } from '../dialects/anthropic-rules.ts'
import { checkBetas } from '../dialects/bedrock-invoke.ts'
import { embeddingOf } from '../dialects/embeddings.ts'
import {
  embedContentBody,
  generateBody,
  geminiCountBody,
  geminiWording,
  predictBody,
} from '../dialects/gemini-body.ts'
import { promptOfContents } from '../dialects/gemini-prompt.ts'
import { checkGeminiRules } from '../dialects/gemini-rules.ts'
import { geminiAnswer, geminiErrorBody, geminiStatus } from '../dialects/gemini.ts'
import { retryAfter } from '../dialects/openai-errors.ts'
import { jsonAnswer, type Headers } from '../dialects/sse.ts'
import {
  refuse,
  type Answer,
  type Incoming,
  type Proof,
  type Provider,
  type World,
} from '../provider.ts'
import { randomText } from '../random.ts'
import { checkBody, readJson, text } from '../read-json.ts'
import { usageOf } from '../reply.ts'
import { matchPath } from '../routes.ts'
import { anthropicBetas, messageNaming } from './anthropic.ts'
import { authenticateGoogle } from './google-credential.ts'

const headers = (): Headers => ({
  vary: 'Origin, X-Origin, Referer',
  server: 'scaffolding on HTTPServer2',
  'x-xss-protection': '0',
  'x-frame-options': 'SAMEORIGIN',
  'x-content-type-options': 'nosniff',
  'alt-svc': 'h3=":443"; ma=2592000',
})

interface Call {
  request: Incoming
  world: World
  model: string
  verb: string
}

function answer(request: Incoming, world: World, { project: allowed }: Proof): Answer {
  const path =
    '/{host}/{version}/projects/{project}/locations/{location}/publishers/{publisher}/models/{model}:{verb}'
  const {
    host,
    version = '',
    project,
    location,
    publisher,
    model = '',
    verb = '',
  } = matchPath(path, request.path) ??
  refuse('not-found', 'The requested URL was not found on this server.')
  if (!/^v1(beta1)?$/.test(version)) refuse('not-found', `Unknown API version ${version}.`)
  if (location !== host) {
    refuse('bad-request', `The location ${location} in the path is not that of the host, ${host}.`)
  }
  if (project !== allowed) {
    refuse(
      'forbidden',
      `Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/projects/${project}' (or it may not exist).`,
    )
  }
  if (request.method !== 'POST') refuse('wrong-method', 'The requested URL was not found.')
  const call = { request, world, model: decodeURIComponent(model), verb }
  if (publisher === 'google') return google(call)
  if (publisher === 'anthropic') return anthropic(call)
  return refuse('not-found', `Publisher ${publisher} was not found.`)
}

function google(call: Call): Answer {
  const { model, verb, request } = call
  if (!/^(gemini-|text-embedding-|text-multilingual-embedding-)/.test(model)) notFound(call)
  if (verb === 'generateContent' || verb === 'streamGenerateContent') return generate(call)
  if (verb === 'predict') return embed(call)
  if (verb === 'embedContent') return embedContent(call)
  if (verb !== 'countTokens') return notFound(call)
  const body = checkBody(geminiCountBody, readJson(request), geminiWording)
  const prompt = promptOfContents({ contents: body.contents, tools: body.tools })
  const heard = heardIn(prompt)
  const { input: totalTokens } = usageOf(heard, '')
  const promptTokensDetails = [{ modality: 'TEXT', tokenCount: totalTokens }]
  return jsonAnswer(
    200,
    { totalTokens, totalBillableCharacters: heard.length, promptTokensDetails },
    headers(),
  )
}

function notFound({ model }: Call): never {
  return refuse(
    'not-found',
    `Publisher Model \`${model}\` was not found or your project does not have access to it.`,
  )
}

function generate({ request, world, model, verb }: Call): Answer {
  const body = checkBody(generateBody, readJson(request), geminiWording)
  checkGeminiRules(body, model)
  const streams = verb === 'streamGenerateContent'
  const delivery = streams ? (wantsEvents(request) ? 'sse' : 'array') : 'whole'
  const reply = world.compose('google_vertex_ai', promptOfContents(body))
  return geminiAnswer(reply, model, { delivery, headers: headers() })
}

const wantsEvents = ({ query }: Incoming) => new URLSearchParams(query).get('alt') === 'sse'

function embed({ request, model }: Call): Answer {
  if (!model.includes('embedding') || takesOneInput(model)) {
    refuse('bad-request', `Model ${model} does not support predict.`)
  }
  const { instances, parameters } = checkBody(predictBody, readJson(request), geminiWording)
  if (model === 'gemini-embedding-001' && instances.length > 1) {
    refuse('bad-request', `${model} takes one instance a request.`)
  }
  const predictions = instances.map(({ content }) => ({
    embeddings: {
      values: embeddingOf(content, parameters?.outputDimensionality ?? 8),
      statistics: { truncated: false, token_count: Math.ceil(content.length / 4) },
    },
  }))
  return jsonAnswer(200, { predictions, metadata: { billableCharacterCount: 42 } }, headers())
}

const takesOneInput = (model: string) => model.startsWith('gemini-embedding-2')

function embedContent({ request, model }: Call): Answer {
  if (!takesOneInput(model)) {
    refuse('bad-request', `Model ${model} does not support embedContent.`)
  }
  const body = checkBody(embedContentBody, readJson(request), geminiWording)
  const content = body.content.parts.map(({ text: said }) => said).join('')
  const tokens = Math.ceil(content.length / 4)
  return jsonAnswer(
    200,
    {
      embedding: {
        values: embeddingOf(content, body.embedContentConfig?.outputDimensionality ?? 8),
      },
      truncated: false,
      usageMetadata: { promptTokenCount: tokens, totalTokenCount: tokens },
    },
    headers(),
  )
}

const claudeBody = z.strictObject({
  ...messageMembers,
  anthropic_version: z.enum(['vertex-2023-10-16', '2026-10-21']),
  stream: z.boolean().optional(),
})
const claudeCountBody = z.strictObject({
  ...countedMembers,
  model: text,
  anthropic_version: z.enum(['vertex-2023-10-16', '2026-10-21']).optional(),
})

function anthropic(call: Call): Answer {
  const { request, world, model, verb } = call
  if (model === 'count-tokens' && verb === 'rawPredict') return countClaudeTokens(request)
  if (!model.startsWith('claude-')) notFound(call)
  if (verb !== 'rawPredict' && verb !== 'streamRawPredict') notFound(call)
  const body = checkBody(claudeBody, readJson(request), anthropicWording)
  const stream = verb === 'streamRawPredict'
  if ((body.stream ?? false) !== stream) {
    refuse('bad-request', `stream: ${body.stream} does not go with ${verb}`)
  }
  const betas = anthropicBetas(request)
  checkBetas(betas)
  checkAnthropicRules(body, { model, version: body.anthropic_version, betas, isHosted: true })
  return anthropicAnswer(
    world.compose('google_vertex_ai', promptOfMessages(body)),
    messageNaming(body, model, 'msg_vrtx_01'),
    { stream, headers: { ...headers(), 'request-id': newClaudeRequestId() } },
  )
}

const newClaudeRequestId = () => `req_vrtx_01${randomText(22)}`

function countClaudeTokens(request: Incoming): Answer {
  const body = checkBody(claudeCountBody, readJson(request), anthropicWording)
  const betas = anthropicBetas(request)
  checkAnthropicCount(body, {
    model: body.model,
    version: 'vertex-2023-10-16',
    betas,
    isHosted: true,
  })
  const { input } = usageOf(heardIn(promptOfMessages(body)), '')
  return jsonAnswer(200, { input_tokens: input }, headers())
}

/** https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference */
export const googleVertexAi: Provider = {
  name: 'google_vertex_ai',
  credentialHeaders: ['authorization'],
  authenticate: authenticateGoogle,
  answer,

  refuse(problem, request) {
    const isClaude = request.path.includes('/publishers/anthropic/')
    if (isClaude && (problem.kind === 'bad-request' || problem.kind === 'overloaded')) {
      const id = newClaudeRequestId()
      return anthropicRefusal(problem, id, { ...headers(), 'request-id': id })
    }
    const error = geminiErrorBody(problem)
    // A stream that was not asked for as events is a JSON array, even when it is only an error.
    const isArray = request.path.endsWith(':streamGenerateContent') && !wantsEvents(request)
    const shown = { ...headers(), ...(problem.kind === 'rate-limit' ? {} : retryAfter(problem)) }
    return jsonAnswer(geminiStatus(problem), isArray ? [error] : error, shown)
  },
}
