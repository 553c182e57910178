import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Keyway, type Organization, startKeyway } from '../support/keyway.ts'
import { rawRequest } from '../support/raw-client.ts'

let keyway: Keyway
let organization: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  organization = await keyway.organization({ providers: ['openai', 'bedrock', 'azure'] })
  await organization.addProviderKey('google_vertex_ai', { issue: { project: 'own-project-1' } })
})
afterAll(() => keyway[Symbol.asyncDispose]())

const send = (path: string, method = 'POST') =>
  rawRequest(keyway.url, path, {
    method,
    headers: { 'x-keyway-api-key': organization.apiKey, 'content-type': 'application/json' },
    body: '{}',
  })

// Sent as they are: an SDK or a browser would normalise them before they left.
const ESCAPES = [
  '/native/openai/../anthropic/v1/messages',
  '/native/openai/%2e%2e/admin',
  '/native/openai/v1/..%2f..%2fadmin',
  '/native/openai/v1/%252e%252e/admin',
  '/native/openai/v1/..;/admin',
  '/native/openai/v1/a%5c..%5cb',
  '/native/openai/v1/a\\..\\b',
  '/native/openai//evil.example/v1/models',
  '/native/openai/v1//evil.example',
  '/native/openai/https://evil.example/v1',
  '/native/openai/v1/models%00',
  '/native/openai/v1/models%0d%0ahost:%20evil.example',
  '/native/openai/v1/models%2fgpt-4.1',
  '/native/openai/v1/%ff%fe',
  '/native/openai/@evil.example/v1',
  '/native/bedrock/model/a%2f..%2f..%2fadmin/converse',
  '/native/bedrock/model/..%2f..%2fx/converse',
  '/native/google_vertex_ai/v1/projects/other-project/locations/global/publishers/google/models/g:generateContent',
  '/native/google_vertex_ai/v1/projects/own-project-1/locations/evil.example%2f/publishers/google/models/g:generateContent',
  '/native/google_vertex_ai/v1/projects/own-project-1/locations/global@evil/publishers/google/models/g:generateContent',
  '/native/google_vertex_ai/v1/organizations/1',
  '/native/google_vertex_ai/v2/projects/own-project-1/locations/global/x',
]

test.each(ESCAPES)('%s does not leave the base', async (path) => {
  const before = keyway.standIns.requests.length
  const answer = await send(path)
  await answer.body
  expect(answer.status).toBeGreaterThanOrEqual(400)
  expect(answer.status).toBeLessThan(500)
  for (const received of keyway.standIns.requests.slice(before)) {
    // What is a harmless path of the provider's own may go on, within its base.
    expect(received.path).toMatch(/^\/v1\//)
    expect(received.path).not.toMatch(/\.\.|admin|%2f|%5c/i)
  }
})

test.each([
  ['POST', '/native/openai/v1/chat/completions', '/v1/chat/completions'],
  ['GET', '/native/openai/models?limit=5&after=a%2Fb', '/v1/models?limit=5&after=a%2Fb'],
  ['DELETE', '/native/openai/v1/files/file-1', '/v1/files/file-1'],
  ['GET', '/native/azure/openai/v1/models', '/openai/v1/models'],
])('%s %s arrives as %s', async (method, path, upstreamPath) => {
  await (
    await send(path, method)
  ).body
  const received = keyway.standIns.requests.at(-1)
  expect([received?.method, received?.path]).toEqual([method, upstreamPath])
})

test('a model id with an encoded colon or slash arrives as it was sent', async () => {
  const arn =
    'arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabcd1234efgh'
  await (
    await send(`/native/bedrock/model/${arn}/converse`)
  ).body
  const received = keyway.standIns.requests.at(-1)
  expect(received?.path).toContain(`/model/${arn}/converse`)
  expect(received?.credential).toBeDefined()
})
