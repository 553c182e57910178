import { describe, expect, test } from 'vitest'
import type { Credential } from '../../src/core/credentials.ts'
import { awsFormat } from '../../src/upstream-auth/aws-credentials.ts'
import { azureFormat } from '../../src/upstream-auth/azure-endpoint.ts'
import { bearer, keyFormat, keyHeader } from '../../src/upstream-auth/static-key.ts'
import type { CredentialFormat } from '../../src/upstream-auth/upstream-auth.ts'
import { rejectionOf } from '../thrown-by.ts'
import { testWorld } from './google-world.ts'

const DEPLOYED = { allowLoopbackUpstreams: false }
const LOCAL = { allowLoopbackUpstreams: true }

const formats = { key: keyFormat, aws: awsFormat, azure: azureFormat }
type Kind = keyof typeof formats

async function parse(kind: Kind, value: unknown, options = DEPLOYED): Promise<unknown> {
  return await formats[kind].parse(value, options)
}

const AKIA = 'AKIAIOSFODNN7EXAMPLE'
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'

describe('a credential is read', () => {
  test.each<[Kind, unknown, unknown]>([
    ['key', 'sk-abc', { kind: 'key', apiKey: 'sk-abc' }],
    ['key', ' sk-abc\r\n', { kind: 'key', apiKey: 'sk-abc' }],
    ['key', 'id.secret', { kind: 'key', apiKey: 'id.secret' }],
    ['key', 'x'.repeat(8192), { kind: 'key', apiKey: 'x'.repeat(8192) }],
    [
      'aws',
      { global: { access_key_id: AKIA, secret_access_key: SECRET } },
      { kind: 'aws', regions: { global: { accessKeyId: AKIA, secretAccessKey: SECRET } } },
    ],
    [
      'aws',
      JSON.stringify({ global: { access_key_id: AKIA, secret_access_key: SECRET } }),
      { kind: 'aws', regions: { global: { accessKeyId: AKIA, secretAccessKey: SECRET } } },
    ],
    [
      'aws',
      {
        'us-east-1': {
          access_key_id: ` ${AKIA} `,
          secret_access_key: `${SECRET}\n`,
          session_token: 'IQoJ==',
        },
      },
      {
        kind: 'aws',
        regions: {
          'us-east-1': { accessKeyId: AKIA, secretAccessKey: SECRET, sessionToken: 'IQoJ==' },
        },
      },
    ],
    [
      'aws',
      {
        'eu-west-1': { api_key: 'ABSK' },
        'us-gov-west-1': { api_key: 'x' },
        global: { api_key: 'y' },
      },
      {
        kind: 'aws',
        regions: {
          'eu-west-1': { apiKey: 'ABSK' },
          'us-gov-west-1': { apiKey: 'x' },
          global: { apiKey: 'y' },
        },
      },
    ],
    [
      'azure',
      '{"endpoint":"https://r.openai.azure.com/","api_key":" abc "}',
      { kind: 'azure', endpoint: 'https://r.openai.azure.com', apiKey: 'abc' },
    ],
  ])('%s: %j', async (kind, value, expected) => {
    expect(await parse(kind, value)).toEqual(expected)
  })
})

describe('a credential is refused, by the name of the field', () => {
  const aws = (more: object) => ({
    'us-east-1': { access_key_id: AKIA, secret_access_key: 'canary', ...more },
  })
  const azure = (more: object) => ({
    endpoint: 'https://r.openai.azure.com',
    api_key: 'canary',
    ...more,
  })

  test.each<[Kind, string, unknown, string]>([
    ['key', 'nothing', undefined, 'provider_key'],
    ['key', 'null', null, 'provider_key'],
    ['key', 'empty', '', 'provider_key'],
    ['key', 'blank', ' \n', 'provider_key'],
    ['key', 'a number', 12_345, 'provider_key'],
    ['key', 'an object', { api_key: 'canary' }, 'provider_key'],
    ['key', 'a list', ['canary'], 'provider_key'],
    ['key', 'a space inside', 'sk-canary canary', 'provider_key'],
    ['key', 'a line break inside', 'sk-canary\ncanary', 'provider_key'],
    ['key', 'a header behind it', 'sk-canary\r\nx-evil: 1', 'provider_key'],
    ['key', 'a zero byte', 'sk-canary\0', 'provider_key'],
    ['key', 'a quote that was made round', 'sk-canary’', 'provider_key'],
    ['key', 'a zero-width space', 'sk-\u200Bcanary', 'provider_key'],
    ['key', 'far too long', 'canary'.repeat(2000), 'provider_key'],
    ['aws', 'nothing', undefined, 'provider_key'],
    ['aws', 'text that is no JSON', 'canary', 'provider_key'],
    ['aws', 'half of a JSON', '{"global":{"secret_access_key":"canary"', 'provider_key'],
    ['aws', 'a list', [{ api_key: 'canary' }], 'provider_key'],
    ['aws', 'no region', {}, 'provider_key'],
    [
      'aws',
      'the credential without a region',
      { access_key_id: AKIA, secret_access_key: 'canary' },
      'provider_key',
    ],
    ['aws', 'a region that is none', { canary: { api_key: 'canary' } }, 'provider_key'],
    [
      'aws',
      'a region that is a host',
      { 'us-east-1.canary.example': { api_key: 'x' } },
      'provider_key',
    ],
    [
      'aws',
      'a region of the prototype',
      JSON.parse('{"__proto__":{"api_key":"canary"}}'),
      'provider_key',
    ],
    ['aws', 'a region that is text', { 'us-east-1': 'canary' }, 'provider_key.us-east-1'],
    ['aws', 'a region that is null', { global: null }, 'provider_key.global'],
    ['aws', 'a region that is empty', { global: {} }, 'provider_key.global.access_key_id'],
    [
      'aws',
      'no access key id',
      aws({ access_key_id: undefined }),
      'provider_key.us-east-1.access_key_id',
    ],
    [
      'aws',
      'an access key id that is a number',
      aws({ access_key_id: 1 }),
      'provider_key.us-east-1.access_key_id',
    ],
    [
      'aws',
      'an access key id too short',
      aws({ access_key_id: 'AKI' }),
      'provider_key.us-east-1.access_key_id',
    ],
    [
      'aws',
      'a placeholder for a secret',
      aws({ secret_access_key: '...' }),
      'provider_key.us-east-1.secret_access_key',
    ],
    ['key', 'a placeholder', 'sk-proj-...', 'provider_key'],
    [
      'aws',
      'an access key id with a slash',
      aws({ access_key_id: 'AKIACANARY/20261120/x' }),
      'provider_key.us-east-1.access_key_id',
    ],
    [
      'aws',
      'no secret',
      aws({ secret_access_key: '' }),
      'provider_key.us-east-1.secret_access_key',
    ],
    [
      'aws',
      'a secret with a space',
      aws({ secret_access_key: 'canary canary' }),
      'provider_key.us-east-1.secret_access_key',
    ],
    [
      'aws',
      'a session token that is null',
      aws({ session_token: null }),
      'provider_key.us-east-1.session_token',
    ],
    [
      'aws',
      'a session token with a line break',
      aws({ session_token: 'canary\ncanary' }),
      'provider_key.us-east-1.session_token',
    ],
    ['aws', 'a member that is unknown', aws({ region: 'canary' }), 'provider_key.us-east-1.region'],
    [
      'aws',
      'both kinds at once',
      { global: { api_key: 'canary', access_key_id: AKIA } },
      'provider_key.global.access_key_id',
    ],
    ['aws', 'an API key that is empty', { global: { api_key: '' } }, 'provider_key.global.api_key'],
    [
      'aws',
      'an API key that is a number',
      { global: { api_key: 1 } },
      'provider_key.global.api_key',
    ],
    [
      'aws',
      'the second of two',
      { global: { api_key: 'x' }, 'eu-west-1': { api_key: 'ca nary' } },
      'provider_key.eu-west-1.api_key',
    ],
    ['azure', 'nothing', null, 'provider_key'],
    ['azure', 'the key alone', 'canary', 'provider_key'],
    ['azure', 'no endpoint', { api_key: 'canary' }, 'provider_key.endpoint'],
    ['azure', 'no key', { endpoint: 'https://r.openai.azure.com' }, 'provider_key.api_key'],
    ['azure', 'a key that is a number', azure({ api_key: 1 }), 'provider_key.api_key'],
    [
      'azure',
      'a key with a line break',
      azure({ api_key: 'canary\ncanary' }),
      'provider_key.api_key',
    ],
    [
      'azure',
      'a member that is unknown',
      azure({ deployment: 'canary' }),
      'provider_key.deployment',
    ],
    [
      'azure',
      'an endpoint that is a list',
      azure({ endpoint: ['https://canary'] }),
      'provider_key.endpoint',
    ],
  ])('%s: %s', async (kind, _, value, param) => {
    const error = await rejectionOf(() => parse(kind, value))
    expect(error).toMatchObject({ code: 'invalid_request', status: 400, details: { param } })
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/canary/i)
    expect(error).toHaveProperty('cause', undefined)
  })
})

describe('#37 an endpoint of Azure', () => {
  const endpointOf = async (endpoint: string, options = DEPLOYED): Promise<string> =>
    (await azureFormat.parse({ endpoint, api_key: 'canary' }, options)).endpoint

  test.each([
    ['https://r.openai.azure.com', 'https://r.openai.azure.com'],
    ['https://r.openai.azure.com/', 'https://r.openai.azure.com'],
    [' https://r.openai.azure.com\n', 'https://r.openai.azure.com'],
    ['https://R.OpenAI.Azure.com', 'https://r.openai.azure.com'],
    ['https://r.openai.azure.com:443/', 'https://r.openai.azure.com'],
    ['https://my-resource-1.openai.azure.us', 'https://my-resource-1.openai.azure.us'],
    ['https://r.openai.azure.cn', 'https://r.openai.azure.cn'],
    ['https://r.cognitiveservices.azure.com', 'https://r.cognitiveservices.azure.com'],
    ['https://r.services.ai.azure.com/api/projects/p', 'https://r.services.ai.azure.com'],
    [
      'https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21#x',
      'https://r.openai.azure.com',
    ],
    ['https://r.openai.azure.com/openai/v1/', 'https://r.openai.azure.com'],
    // The platform's parser takes a backslash for a slash: what is behind it is a path.
    [String.raw`https://r.openai.azure.com\@evil.example`, 'https://r.openai.azure.com'],
  ])('%s is %s', async (pasted, endpoint) => {
    expect(await endpointOf(pasted)).toBe(endpoint)
  })

  test.each([
    'r.openai.azure.com',
    'r',
    '//r.openai.azure.com',
    'http://r.openai.azure.com',
    'ftp://r.openai.azure.com',
    'javascript:alert(1)//r.openai.azure.com',
    'https://user@r.openai.azure.com',
    'https://user:canary@r.openai.azure.com',
    'https://r.openai.azure.com@evil.example',
    'https://r.openai.azure.com:canary@evil.example',
    'https://r.openai.azure.com:8443',
    'https://r.openai.azure.com.evil.example',
    'https://r.openai.azure.com.',
    'https://evil.example/.openai.azure.com',
    'https://evil.example/r.openai.azure.com',
    'https://evil.example#r.openai.azure.com',
    'https://evil.example?r.openai.azure.com',
    'https://evil.example%2f.openai.azure.com',
    'https://evil.example\\.openai.azure.com',
    'https://openai.azure.com',
    'https://.openai.azure.com',
    'https://a.b.openai.azure.com',
    'https://-r.openai.azure.com',
    'https://r-.openai.azure.com',
    'https://r_x.openai.azure.com',
    'https://ropenai.azure.com',
    'https://r.openai-azure.com',
    'https://r.openai.azure.org',
    'https://r.azure.com',
    'https://r.blob.core.windows.net',
    'https://10.0.0.1',
    'https://[::1]',
    'https://127.0.0.1',
    'https://169.254.169.254/metadata',
    'https://0x7f000001',
    'https://localhost',
    'http://localhost:8080',
    'http://127.0.0.1:8080',
  ])('is not %s', async (pasted) => {
    const error = await rejectionOf(() => endpointOf(pasted))
    expect(error).toMatchObject({ status: 400, details: { param: 'provider_key.endpoint' } })
    expect(String(error)).not.toMatch(/canary|evil/)
  })

  test.each([
    ['http://127.0.0.1:9000', 'http://127.0.0.1:9000'],
    ['http://localhost:9000/azure/', 'http://localhost:9000/azure'],
    ['http://[::1]:9000/azure/openai/v1', 'http://[::1]:9000/azure'],
    [
      'http://127.0.0.1:9000/azure/openai/deployments/d?api-version=x',
      'http://127.0.0.1:9000/azure',
    ],
    ['https://r.openai.azure.com', 'https://r.openai.azure.com'],
  ])('may be on this machine in development: %s', async (pasted, endpoint) => {
    expect(await endpointOf(pasted, LOCAL)).toBe(endpoint)
  })

  test.each([
    'http://127.0.0.1@evil.example',
    'http://evil.example:127',
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example',
    'http://10.0.0.1',
    'http://user:canary@127.0.0.1',
    'http://r.openai.azure.com',
  ])('and nowhere else in development: %s', async (pasted) => {
    const error = await rejectionOf(() => endpointOf(pasted, LOCAL))
    expect(error).toMatchObject({ status: 400, details: { param: 'provider_key.endpoint' } })
  })
})

/** The secret that each kind of credential would hint at. */
const secretOf =
  <C extends Credential>(format: CredentialFormat<C>) =>
  async (value: unknown) =>
    format.secretOf(await format.parse(value, DEPLOYED))
const secretIn = {
  key: secretOf(keyFormat),
  aws: secretOf(awsFormat),
  azure: secretOf(azureFormat),
}

describe('a hint is taken from the secret, not from what names it', () => {
  test.each<[Kind, unknown, string]>([
    ['key', 'sk-abc', 'sk-abc'],
    ['aws', { global: { access_key_id: AKIA, secret_access_key: SECRET } }, SECRET],
    ['aws', { global: { api_key: 'ABSK' } }, 'ABSK'],
    ['azure', { endpoint: 'https://r.openai.azure.com', api_key: 'abc' }, 'abc'],
  ])('%s: %j', async (kind, value, secret) => {
    expect(await secretIn[kind](value)).toBe(secret)
  })
})

describe('a static key', () => {
  test.each([
    ['as a bearer token', bearer, 'authorization', 'Bearer sk-own'],
    ['in a header of its own', keyHeader('x-api-key'), 'x-api-key', 'sk-own'],
  ])('goes %s', async (_, auth, name, value) => {
    const headers = { [name]: 'of the caller', accept: 'x' }
    const request = { method: 'POST', url: 'https://upstream.example', headers, body: null }
    await auth.prove(request, { kind: 'key', apiKey: 'sk-own' }, { location: '' }, testWorld())
    expect(headers).toEqual({ accept: 'x', [name]: value })
  })
})
