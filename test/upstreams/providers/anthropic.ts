import { z } from 'zod'
import { heardIn } from '../conversation.ts'
import {
  anthropicWording,
  countedMembers,
  messageMembers,
  type MessageBody,
} from '../dialects/anthropic-body.ts'
import { prefixOfMessages } from '../dialects/anthropic-history.ts'
import {
  anthropicAnswer,
  anthropicMessage,
  anthropicRefusal,
  type MessageNaming,
  withToolUseIds,
} from '../dialects/anthropic-messages.ts'
import { promptOfMessages } from '../dialects/anthropic-prompt.ts'
import { checkAnthropicCount, checkAnthropicRules } from '../dialects/anthropic-rules.ts'
import { keepThread, thread, withThread } from '../dialects/anthropic-threads.ts'
import { claudeFamilyOf } from '../dialects/claude-families.ts'
import { jsonAnswer, type Headers } from '../dialects/sse.ts'
import { refuse, type Incoming, type Proof, type Provider, type World } from '../provider.ts'
import { randomText } from '../random.ts'
import { checkBody, readJson, text } from '../read-json.ts'
import { usageOf } from '../reply.ts'
import { byRoute } from '../routes.ts'
import { bearerOf } from '../verify-one-credential.ts'

/** A message as Anthropic itself takes it. */
export const anthropicMessageBody = z.strictObject({
  ...messageMembers,
  model: text,
  stream: z.boolean().optional(),
  thread,
})

/** A message as others take it at Anthropic's paths: they keep no threads. */
export const hostedMessageBody = anthropicMessageBody.omit({ thread: true })

/** What counting tokens takes. */
export const anthropicCountBody = z.strictObject({ ...countedMembers, model: text })

/** The value of `anthropic-version`, or a refusal: it must be there and be known. */
export function anthropicVersion(request: Incoming): string {
  const version = request.headers['anthropic-version']
  if (version === undefined) return refuse('bad-request', 'anthropic-version: header is required')
  if (version === '2023-06-01' || version === '2026-10-21') return version
  return refuse('bad-request', `anthropic-version: "${version}" is not a valid version`)
}

/** The values of `anthropic-beta`. */
export const anthropicBetas = ({ headers }: Incoming): string[] | undefined =>
  headers['anthropic-beta']?.split(',').map((beta) => beta.trim())

/** What an answer to a body is called, and what its thinking is bound to. */
export function messageNaming(body: MessageBody, model: string, idPrefix: string): MessageNaming {
  return {
    model,
    id: `${idPrefix}${randomText(24)}`,
    prefix: prefixOfMessages(body, claudeFamilyOf(model)),
    hidesThinking: body.thinking?.['display'] === 'omitted',
  }
}

/** Headers of an answer, with the given request id. */
export function anthropicHeaders(requestId: string): Headers {
  const limits: Headers = {}
  for (const unit of ['requests', 'tokens', 'input-tokens', 'output-tokens']) {
    limits[`anthropic-ratelimit-${unit}-limit`] = '400000'
    limits[`anthropic-ratelimit-${unit}-remaining`] = '399000'
    limits[`anthropic-ratelimit-${unit}-reset`] = '2026-11-20T00:00:01Z'
  }
  return {
    'request-id': requestId,
    'anthropic-organization-id': '00000000-0000-4000-8000-000000000000',
    ...limits,
    'set-cookie': [`_cfuvid=${randomText(32)}; path=/; HttpOnly; Secure`],
    // Names a header of this hop: whoever passes the answer on must drop both.
    connection: 'keep-alive, x-stand-in-hop',
    'x-stand-in-hop': 'for the next hop only',
  }
}

const newRequestId = () => `req_${randomText(24)}`

const models = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-4-5-20251001']

function authenticate(request: Incoming, world: World): Proof {
  const header = request.headers['x-api-key']
  const bearer = request.headers['authorization']
  if (header !== undefined && bearer !== undefined) {
    refuse('bad-request', 'both x-api-key and authorization were sent')
  }
  if (header === undefined && bearer === undefined)
    refuse('bad-credential', 'x-api-key header is required')
  // A login's token is no key, and is not taken for one.
  if (header?.startsWith('sk-ant-oat') === true) refuse('bad-credential', 'invalid x-api-key')
  const known = world.credentials.headerKey('anthropic', header ?? bearerOf(request))
  if (!known) return refuse('bad-credential', 'invalid x-api-key')
  return {
    credential: known.label,
    proof: header === undefined ? 'Authorization: Bearer' : 'x-api-key',
  }
}

function checkModel(model: string): void {
  if (!model.startsWith('claude-')) refuse('not-found', `model: ${model}`)
}

function messages(request: Incoming, world: World) {
  const version = anthropicVersion(request)
  const betas = anthropicBetas(request)
  const sent = checkBody(anthropicMessageBody, readJson(request), anthropicWording)
  const body = withThread(sent, betas)
  checkModel(body.model)
  checkAnthropicRules(body, { model: body.model, version, betas })
  const reply = withToolUseIds(world.compose('anthropic', promptOfMessages(body)))
  const naming = messageNaming(body, body.model, 'msg_01')
  keepThread(body, naming.id, anthropicMessage(reply, naming).content)
  return anthropicAnswer(reply, naming, {
    stream: body.stream === true,
    headers: anthropicHeaders(newRequestId()),
  })
}

function countTokens(request: Incoming) {
  const version = anthropicVersion(request)
  const body = checkBody(anthropicCountBody, readJson(request), anthropicWording)
  checkModel(body.model)
  checkAnthropicCount(body, { model: body.model, version, betas: anthropicBetas(request) })
  const { input } = usageOf(heardIn(promptOfMessages(body)), '')
  return jsonAnswer(200, { input_tokens: input }, anthropicHeaders(newRequestId()))
}

function listModels(request: Incoming) {
  anthropicVersion(request)
  const data = models.map((id) => ({
    type: 'model',
    id,
    display_name: id.replaceAll('-', ' '),
    created_at: '2026-10-01T00:00:00Z',
  }))
  return jsonAnswer(
    200,
    { data, has_more: false, first_id: models[0], last_id: models.at(-1) },
    anthropicHeaders(newRequestId()),
  )
}

/** https://platform.claude.com/docs/en/api/overview */
export const anthropic: Provider = {
  name: 'anthropic',
  credentialHeaders: ['x-api-key', 'authorization'],
  authenticate,

  answer: (request, world) =>
    byRoute(request, [
      ['POST', '/v1/messages', () => messages(request, world)],
      ['POST', '/v1/messages/count_tokens', () => countTokens(request)],
      ['GET', '/v1/models', () => listModels(request)],
    ]),

  refuse(problem) {
    const requestId = newRequestId()
    return anthropicRefusal(problem, requestId, anthropicHeaders(requestId))
  },
}
