import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, call } from '../support/call.ts'
import { type Keyway, type Organization, startKeyway } from '../support/keyway.ts'

let keyway: Keyway
let organization: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  organization = await keyway.organization({ providers: [] })
})
afterAll(() => keyway[Symbol.asyncDispose]())

/** As the documented examples send it: everything in one create request, JSON credentials as text. */
function create(body: object): Promise<Answer> {
  return call(keyway, undefined, {
    path: `/v1/organizations/${organization.id}/provider-keys`,
    apiKey: keyway.adminToken,
    body,
  })
}

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

const vertex = (key: string) => ({
  provider: 'google_vertex_ai',
  provider_key: JSON.stringify({
    type: 'service_account',
    project_id: 'my-project',
    private_key_id: 'key-id',
    private_key: key,
    client_email: 'service-account@my-project.iam.gserviceaccount.com',
    client_id: '123456789',
    auth_uri: 'https://accounts.google.com/o/oauth2/auth',
    token_uri: 'https://oauth2.googleapis.com/token',
  }),
  name: 'Production Vertex AI',
  api_key_ids: [],
})
const aws = (id: string, secret: string) => ({ access_key_id: id, secret_access_key: secret })
const bedrock = (id: string, secret: string) => ({
  provider: 'bedrock',
  provider_key: JSON.stringify({ global: aws(id, secret), 'us-east-1': aws(id, secret) }),
  name: 'AWS Bedrock Production',
  api_key_ids: [],
})

describe('the documented examples, filled in', () => {
  test.each([
    ['a service account', () => vertex(privateKey)],
    ['Bedrock in several regions', () => bedrock('AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/K7MDENG')],
    [
      'Azure',
      () => ({
        provider: 'azure',
        provider_key: '{"endpoint":"https://acme.openai.azure.com/","api_key":"0123456789abcdef"}',
        name: 'Azure OpenAI',
        api_key_ids: [],
      }),
    ],
    [
      'a key assigned to an API key',
      () => ({
        provider: 'openai',
        provider_key: 'sk-proj-0123456789',
        name: 'OpenAI - Development',
        api_key_ids: [organization.apiKeyId],
      }),
    ],
  ])('%s is stored', async (_, body) => {
    const answer = await create(body())
    expect(answer.status).toBe(201)
    expect(answer.json).toMatchObject({
      id: expect.stringMatching(/^pk_/),
      provider: body().provider,
      name: body().name,
      created_at: expect.stringMatching(/Z$/),
      created_by: 'admin',
    })
  })
})

describe('the documented examples, with a placeholder left in', () => {
  test.each([
    ['a private key', vertex('...'), 'provider_key.private_key'],
    ['a secret', bedrock('AKIAIOSFODNN7EXAMPLE', '...'), 'secret_access_key'],
    ['an access key', bedrock('AKIA...', 'wJalrXUtnFEMI/K7MDENG'), 'access_key_id'],
    [
      'an API key id',
      { provider: 'openai', provider_key: 'sk-proj-0123', name: 'x', api_key_ids: ['key-id-1'] },
      'api_key_ids',
    ],
    [
      'a key',
      { provider: 'openai', provider_key: 'sk-...', name: 'x', api_key_ids: [] },
      'provider_key',
    ],
  ])('%s are refused by the name of the field', async (_, body, field) => {
    const answer = await create(body)
    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({
      error: { code: 'invalid_request', param: expect.stringContaining(field) },
    })
  })
})
