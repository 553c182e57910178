import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import { describe, expect, test } from 'vitest'
import type { AccessKey } from './credentials.ts'
import { verifySigV4, type SignedRequest } from './verify-sigv4.ts'

const ACCESS_KEY: AccessKey = {
  label: 'vector',
  region: 'us-east-1',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'SESSIONEXAMPLE',
}
const NOW = Date.parse('2026-11-20T00:00:00Z')
const SIGNED = 'host;x-amz-date;x-amz-security-token'
const SCOPE = 'AKIDEXAMPLE/20261120/us-east-1/bedrock/aws4_request'

const vectors = [
  [
    'anthropic.claude-opus-4-5-20251101-v1%3A0',
    'b93f0226190e0a6b0d136c4af5b100863742e1c949ff98f1c575d397cfad6022',
  ],
  [
    'us.anthropic.claude-sonnet-4-6',
    'eb74a8c1d0256e8aea7eba934b52de0149c2111d12e696aa79dc49f97ea6cfb2',
  ],
  [
    'arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabcd1234efgh',
    'e3518413df59cb4724b6e36f275712d163a851744858a304d5db8746bba3fd8e',
  ],
] as const
const [[firstModel, firstSignature]] = vectors

interface Changes {
  authorization?: string
  headers?: Record<string, string>
  body?: string
  path?: string
  query?: string
}

function signed(model: string, signature: string, changes: Changes = {}): SignedRequest {
  const authorization = `AWS4-HMAC-SHA256 Credential=${SCOPE}, SignedHeaders=${SIGNED}, Signature=${signature}`
  return {
    method: 'POST',
    path: changes.path ?? `/model/${model}/converse`,
    query: changes.query ?? '',
    headers: {
      host: 'bedrock-runtime.us-east-1.amazonaws.com',
      'content-type': 'application/json',
      'x-amz-date': '20261120T000000Z',
      'x-amz-security-token': 'SESSIONEXAMPLE',
      authorization: changes.authorization ?? authorization,
      ...changes.headers,
    },
    body: Buffer.from(changes.body ?? '{"messages":[{"role":"user","content":[{"text":"hi"}]}]}'),
  }
}

const verify = (request: SignedRequest, now = NOW, region = 'us-east-1') =>
  verifySigV4(request, {
    region,
    now,
    lookUp: (id) => (id === 'AKIDEXAMPLE' ? ACCESS_KEY : undefined),
  })

test.each(vectors)('the signature of a known vector is right: %s', async (model, signature) => {
  await expect(verify(signed(model, signature))).resolves.toBe(ACCESS_KEY)
})

const credential = (scope: string, names = SIGNED) =>
  `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=${names}, Signature=${firstSignature}`

describe('a request is refused when', () => {
  test.each<[string, Changes, RegExp]>([
    ['its body changed', { body: '{}' }, /does not match/],
    [
      'its path was encoded once more',
      { path: `/model/${firstModel.replaceAll('%', '%25')}/converse` },
      /does not match/,
    ],
    [
      'its path was decoded',
      { path: `/model/${decodeURIComponent(firstModel)}/converse` },
      /does not match/,
    ],
    ['a query was added', { query: 'a=b' }, /does not match/],
    ['it came to another host', { headers: { host: '127.0.0.1:1' } }, /does not match/],
    ['its token is another', { headers: { 'x-amz-security-token': 'OTHER' } }, /another session/],
    [
      'its day is not that of its date',
      { headers: { 'x-amz-date': '20261121T000000Z' } },
      /scope does not match/,
    ],
    ['its date is none', { headers: { 'x-amz-date': 'today' } }, /x-amz-date/],
    [
      'it claims another hash of the body',
      { headers: { 'x-amz-content-sha256': 'ab' } },
      /x-amz-content-sha256/,
    ],
    [
      'its key is unknown',
      { authorization: credential(SCOPE.replace('AKID', 'AKIX')) },
      /security token included/,
    ],
    [
      'it is for another service',
      { authorization: credential(SCOPE.replace('bedrock', 'bedrock-runtime')) },
      /correct service/,
    ],
    [
      'it is for another region',
      { authorization: credential(SCOPE.replace('us-east-1', 'eu-west-1')) },
      /valid region/,
    ],
    [
      'the token is not signed',
      { authorization: credential(SCOPE, 'host;x-amz-date') },
      /must be a 'SignedHeader'/,
    ],
    [
      'the host is not signed',
      { authorization: credential(SCOPE, 'x-amz-date;x-amz-security-token') },
      /must be a 'SignedHeader'/,
    ],
    ['it is no SigV4 at all', { authorization: 'Basic abc' }, /not a complete/],
  ])('%s', async (_, changes, message) => {
    await expect(verify(signed(firstModel, firstSignature, changes))).rejects.toThrow(message)
  })

  test.each([
    ['is older than five minutes', 301_000, /expired/],
    ['comes more than five minutes early', -301_000, /not yet current/],
  ])('its date %s', async (_, ahead, message) => {
    await expect(verify(signed(firstModel, firstSignature), NOW + ahead)).rejects.toThrow(message)
  })
})

test('a body that is not the one whose hash was signed is refused', async () => {
  const { secretAccessKey, sessionToken = '' } = ACCESS_KEY
  const signer = new SignatureV4({
    service: 'bedrock',
    region: 'us-east-1',
    sha256: Sha256,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey, sessionToken },
  })
  const request = {
    method: 'POST',
    protocol: 'https:',
    hostname: 'x',
    path: '/model/m/converse',
    headers: { host: 'x' },
    body: '{}',
  }
  const { headers } = await signer.sign(request, { signingDate: new Date(NOW) })
  const received = { ...request, headers, query: '', body: Buffer.from('{}') }
  await expect(verify(received)).resolves.toBe(ACCESS_KEY)
  const swapped = { ...received, body: Buffer.from('{"a":1}') }
  await expect(verify(swapped)).rejects.toThrow('not the hash of the body')
})
