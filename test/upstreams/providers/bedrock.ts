import { z } from 'zod'
import { heardIn, type Prompt } from '../conversation.ts'
import { anthropicWording } from '../dialects/anthropic-body.ts'
import { anthropicAnswer, anthropicRefusal } from '../dialects/anthropic-messages.ts'
import { promptOfMessages } from '../dialects/anthropic-prompt.ts'
import { checkAnthropicRules } from '../dialects/anthropic-rules.ts'
import { converseBody, converseCountBody } from '../dialects/bedrock-converse-body.ts'
import { promptOfConverse } from '../dialects/bedrock-converse-prompt.ts'
import { checkConverseRules, prefixOfConverse } from '../dialects/bedrock-converse-rules.ts'
import { converseAnswer } from '../dialects/bedrock-converse.ts'
import {
  checkBetas,
  checkReservedWords,
  cohereBody,
  invokeAnswer,
  invokeClaudeBody,
  titanBody,
} from '../dialects/bedrock-invoke.ts'
import { claudeFamilyOf } from '../dialects/claude-families.ts'
import { embeddingOf } from '../dialects/embeddings.ts'
import { newUuid } from '../dialects/openai-chat.ts'
import { jsonAnswer, type Headers } from '../dialects/sse.ts'
import { refuse, type Incoming, type ProblemKind, type Provider, type World } from '../provider.ts'
import { checkBody, readJson } from '../read-json.ts'
import { usageOf } from '../reply.ts'
import { byRoute } from '../routes.ts'
import { anthropicBetas, hostedMessageBody, anthropicVersion, messageNaming } from './anthropic.ts'
import { authenticateAws } from './bedrock-credential.ts'

const FAMILY =
  /^((us|us-gov|eu|apac|jp|au|global)\.)?(anthropic|amazon|meta|mistral|openai|deepseek|qwen|zai|xai|cohere)\.[\w.:-]+$/
const ARN = /^arn:aws(-[a-z]+)*:bedrock:[a-z0-9-]*:\d{12}:[a-z-]+\/[\w.:/-]+$/

const wording = {
  unknownField: (path: string) =>
    `Malformed input request: extraneous key [${path}] is not permitted, please reformat your input and try again.`,
  wrongField: (path: string, detail: string) =>
    detail.startsWith('The text field') ? detail : `Malformed input request: #/${path}: ${detail}`,
}

const headers = (): Headers => ({ 'x-amzn-requestid': newUuid(), 'x-amzn-trace-id': 'Root=1-0-0' })

/** The model in the path, one segment of it. A colon may stand there as it is: some SDKs send it so. */
function modelOf(segment: string): string {
  const model = decodeURIComponent(segment)
  if (!FAMILY.test(model) && !ARN.test(model)) {
    refuse('bad-request', 'The provided model identifier is invalid.')
  }
  return model
}

function converse(request: Incoming, world: World, { id = '', stream = false }) {
  const model = modelOf(id)
  const body = checkBody(converseBody, readJson(request), wording)
  checkConverseRules(body, model)
  const isClaude = model.includes('anthropic.')
  const prefix = isClaude ? prefixOfConverse(body, claudeFamilyOf(model)) : undefined
  const reply = world.compose('bedrock', promptOfConverse(body))
  return converseAnswer(reply, { stream, prefix, headers: headers() })
}

function invoke(request: Incoming, world: World, { id = '', stream = false }) {
  const model = modelOf(id)
  const json = readJson(request)
  if (/embed/.test(model)) {
    if (stream) refuse('bad-request', 'The model is unsupported for streaming.')
    return model.includes('cohere.') ? embedWithCohere(json) : embed(json)
  }
  const body = checkBody(invokeClaudeBody, json, {
    ...anthropicWording,
    unknownField: wording.unknownField,
  })
  if (body.anthropic_version === '2026-10-21' && /-4-[1-6](-\d{8})?(-v\d)?(:\d+)?$/.test(model)) {
    refuse('bad-request', 'anthropic_version: 2026-10-21 is not supported for this model.')
  }
  checkBetas(body.anthropic_beta)
  checkReservedWords(body.system)
  const { anthropic_version: version, anthropic_beta: betas } = body
  checkAnthropicRules(body, { model, version, betas, isHosted: true })
  const reply = world.compose('bedrock', promptOfMessages(body))
  const shortName = model.replace(/^.*anthropic\./, '')
  return invokeAnswer(reply, messageNaming(body, shortName, 'msg_bdrk_01'), {
    stream,
    headers: headers(),
  })
}

function embed(json: unknown) {
  const body = checkBody(titanBody, json, wording)
  const tokens = Math.ceil(body.inputText.length / 4)
  const embedding = embeddingOf(body.inputText, body.dimensions ?? 1024)
  return jsonAnswer(
    200,
    { embedding, embeddingsByType: { float: embedding }, inputTextTokenCount: tokens },
    { ...headers(), 'x-amzn-bedrock-input-token-count': String(tokens) },
  )
}

function embedWithCohere(json: unknown) {
  const { texts, embedding_types: types, output_dimension } = checkBody(cohereBody, json, wording)
  const tokens = texts.reduce((sum, one) => sum + Math.ceil(one.length / 4), 0)
  const numbers = texts.map((one) => embeddingOf(one, output_dimension ?? 1024))
  const embeddings = types ? Object.fromEntries(types.map((type) => [type, numbers])) : numbers
  return jsonAnswer(
    200,
    {
      id: newUuid(),
      texts,
      embeddings,
      response_type: types ? 'embeddings_by_type' : 'embeddings_floats',
    },
    { ...headers(), 'x-amzn-bedrock-input-token-count': String(tokens) },
  )
}

const countBody = z.strictObject({
  input: z.union([
    z.strictObject({ converse: converseCountBody }),
    z.strictObject({ invokeModel: z.strictObject({ body: z.base64().min(1) }) }),
  ]),
})

function countTokens(request: Incoming, id: string) {
  const model = modelOf(id)
  if (/^(us|us-gov|eu|apac|jp|au|global)\./.test(model)) {
    refuse('bad-request', `The provided model doesn't support counting tokens.`)
  }
  const { input } = checkBody(countBody, readJson(request), wording)
  if ('converse' in input) checkConverseRules(input.converse, model)
  const prompt =
    'converse' in input ? promptOfConverse(input.converse) : decoded(input.invokeModel.body, model)
  return jsonAnswer(200, { inputTokens: usageOf(heardIn(prompt), '').input }, headers())
}

function decoded(base64: string, model: string): Prompt {
  const json: unknown = JSON.parse(Buffer.from(base64, 'base64').toString('utf8'))
  const body = checkBody(invokeClaudeBody, json, wording)
  const { anthropic_version: version, anthropic_beta: betas } = body
  checkAnthropicRules(body, { model, version, betas, isHosted: true })
  return promptOfMessages(body)
}

function messages(request: Incoming, world: World) {
  const version = anthropicVersion(request)
  const body = checkBody(hostedMessageBody, readJson(request), anthropicWording)
  if (!FAMILY.test(body.model) && !ARN.test(body.model)) {
    refuse('not-found', `model: ${body.model}`)
  }
  const betas = anthropicBetas(request)
  checkAnthropicRules(body, { model: body.model, version, betas, isHosted: true })
  return anthropicAnswer(
    world.compose('bedrock', promptOfMessages(body)),
    messageNaming(body, body.model, 'msg_bdrk_01'),
    { stream: body.stream === true, headers: { ...headers(), 'request-id': newUuid() } },
  )
}

const errors: Record<ProblemKind, [status: number, type: string]> = {
  'bad-credential': [403, 'InvalidSignatureException'],
  forbidden: [403, 'AccessDeniedException'],
  'bad-request': [400, 'ValidationException'],
  unprocessable: [400, 'ValidationException'],
  'not-found': [404, 'UnknownOperationException'],
  'wrong-method': [405, 'UnknownOperationException'],
  'media-type': [415, 'UnsupportedMediaTypeException'],
  'rate-limit': [429, 'ThrottlingException'],
  overloaded: [503, 'ServiceUnavailableException'],
  'server-error': [500, 'InternalServerException'],
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html */
export const bedrock: Provider = {
  name: 'bedrock',
  credentialHeaders: ['authorization', 'x-amz-security-token'],
  authenticate: authenticateAws,

  answer: (request, world) =>
    byRoute(request, [
      ['POST', '/{region}/model/{id}/converse', ({ id = '' }) => converse(request, world, { id })],
      [
        'POST',
        '/{region}/model/{id}/converse-stream',
        ({ id = '' }) => converse(request, world, { id, stream: true }),
      ],
      ['POST', '/{region}/model/{id}/invoke', ({ id = '' }) => invoke(request, world, { id })],
      [
        'POST',
        '/{region}/model/{id}/invoke-with-response-stream',
        ({ id = '' }) => invoke(request, world, { id, stream: true }),
      ],
      ['POST', '/{region}/model/{id}/count-tokens', ({ id = '' }) => countTokens(request, id)],
      ['POST', '/{region}/anthropic/v1/messages', () => messages(request, world)],
    ]),

  refuse(problem, request) {
    if (/^\/[^/]+\/anthropic\//.test(request.path) && problem.kind === 'bad-request') {
      return anthropicRefusal(problem, newUuid(), headers())
    }
    const [status, type] = errors[problem.kind]
    return jsonAnswer(
      problem.status ?? status,
      { message: problem.message },
      {
        ...headers(),
        // The service adds a URL behind the colon.
        'x-amzn-errortype': `${problem.code ?? type}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
      },
    )
  },
}
