import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AwsCredential, AwsCredentials, AwsSigningKey } from '../../src/core/credentials.ts'
import { awsSigV4, credentialForRegion } from '../../src/upstream-auth/aws-sigv4.ts'
import {
  CredentialRefused,
  type OutgoingHeaders,
  type OutgoingRequest,
} from '../../src/upstream-auth/upstream-auth.ts'
import { rejectionOf } from '../thrown-by.ts'
import { testWorld } from './google-world.ts'

const EXAMPLE: AwsSigningKey = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'SESSIONEXAMPLE',
}
const BODY = '{"messages":[{"role":"user","content":[{"text":"hi"}]}]}'

const auth = awsSigV4('bedrock')
/** Its clock stands at 20261120T000000Z. */
const world = testWorld()

const globally = (credential: AwsCredential): AwsCredentials => ({
  kind: 'aws',
  regions: { global: credential },
})

async function signed(
  request: Partial<OutgoingRequest> & { url: string },
  credential: AwsCredentials = globally(EXAMPLE),
  region = 'us-east-1',
): Promise<Headers> {
  const headers = { ...request.headers }
  await auth.prove(
    { method: 'POST', body: null, ...request, headers },
    credential,
    { location: region },
    world,
  )
  return new Headers(headers)
}

const signatureIn = (headers: Headers): string =>
  /Signature=([0-9a-f]{64})$/.exec(headers.get('authorization') ?? '')?.[1] ?? ''

const HOST = 'https://bedrock-runtime.us-east-1.amazonaws.com'

describe('a signature', () => {
  // https://docs.aws.amazon.com/bedrock: vectors that two other implementations agree on.
  test.each([
    [
      'anthropic.claude-opus-4-5-20251101-v1:0',
      'b93f0226190e0a6b0d136c4af5b100863742e1c949ff98f1c575d397cfad6022',
    ],
    [
      'us.anthropic.claude-sonnet-4-6',
      'eb74a8c1d0256e8aea7eba934b52de0149c2111d12e696aa79dc49f97ea6cfb2',
    ],
    [
      'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd1234efgh',
      'e3518413df59cb4724b6e36f275712d163a851744858a304d5db8746bba3fd8e',
    ],
  ])('#17 for %s is the known one', async (model, signature) => {
    const url = `${HOST}/model/${encodeURIComponent(model)}/converse`
    for (const body of [BODY, new TextEncoder().encode(BODY)]) {
      const headers = await signed({ url, body })
      expect(Object.fromEntries(headers)).toEqual({
        authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261120/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=${signature}`,
        'x-amz-date': '20261120T000000Z',
        'x-amz-security-token': 'SESSIONEXAMPLE',
      })
    }
  })

  test('#17 covers nothing that may be changed on the way', async () => {
    const url = `${HOST}/model/m/converse`
    const plain = signatureIn(await signed({ url, body: BODY }))
    const more = {
      'content-type': 'application/json',
      'user-agent': 'x',
      'x-forwarded-for': '192.0.2.1',
      traceparent: '00-x',
      'cf-ray': 'x',
      'x-amzn-bedrock-trace': 'ENABLED',
    }
    const headers = await signed({ url, body: BODY, headers: more })
    expect(signatureIn(headers)).toBe(plain)
    expect(headers.get('content-type')).toBe('application/json')
  })

  test('takes the place of what a caller sent', async () => {
    const headers = {
      authorization: 'AWS4-HMAC-SHA256 of the caller',
      'x-amz-date': '20200101T000000Z',
      'x-amz-security-token': 'of the caller',
    }
    const url = `${HOST}/model/m/converse`
    const signedHeaders = await signed({ url, body: BODY, headers })
    expect(signedHeaders.get('x-amz-date')).toBe('20261120T000000Z')
    expect(signedHeaders.get('x-amz-security-token')).toBe('SESSIONEXAMPLE')
    expect(signedHeaders.get('authorization')).not.toContain('caller')
  })

  test.each<AwsCredential>([
    { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    { apiKey: 'bedrock-api-key' },
  ])('and takes away the session of a caller where there is none', async (credential) => {
    const headers = { 'x-amz-security-token': 'of the caller' }
    const request = { url: `${HOST}/model/m/converse`, body: BODY, headers }
    const signedHeaders = await signed(request, globally(credential))
    expect(signedHeaders.has('x-amz-security-token')).toBe(false)
    expect(signedHeaders.has('authorization')).toBe(true)
  })

  test('#18 of a key without a session has no session token', async () => {
    const { accessKeyId, secretAccessKey } = EXAMPLE
    const headers = await signed(
      { url: `${HOST}/model/m/converse`, body: BODY },
      globally({ accessKeyId, secretAccessKey }),
    )
    expect(headers.has('x-amz-security-token')).toBe(false)
    expect(headers.get('authorization')).toContain('SignedHeaders=host;x-amz-date,')
  })

  test('is bound to its service', async () => {
    const request = { method: 'POST', url: `${HOST}/model/m/converse`, body: BODY }
    const headers: OutgoingHeaders = {}
    await awsSigV4('bedrock-mantle').prove(
      { ...request, headers },
      globally(EXAMPLE),
      { location: 'us-east-1' },
      world,
    )
    expect(headers['authorization']).toContain('/us-east-1/bedrock-mantle/aws4_request')
  })
})

describe("a signature is the one that Amazon's own SDK makes", () => {
  const segment = fc.oneof(
    fc.stringMatching(/^[A-Za-z0-9._:-]{1,40}$/),
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => text.isWellFormed()),
    fc.constant('arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc'),
  )
  const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  const query = fc.dictionary(word, fc.string({ unit: 'grapheme', maxLength: 8 }), { maxKeys: 4 })
  const secret = fc.stringMatching(/^[A-Za-z0-9/+]{40}$/)
  const key = fc.record(
    {
      accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,20}$/),
      secretAccessKey: secret,
      sessionToken: fc.stringMatching(/^[A-Za-z0-9/+=]{1,200}$/),
    },
    { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
  )
  const region = fc.constantFrom('us-east-1', 'eu-central-1', 'us-gov-west-1', 'ap-southeast-2')
  const body = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.constant(''))
  const method = fc.constantFrom('POST', 'GET', 'PUT', 'DELETE')

  const request = fc.record({ segment, query, key, region, body, method })
  type Request = typeof request extends fc.Arbitrary<infer Value> ? Value : never
  const plain: Request = {
    segment: 'm',
    query: {},
    key: EXAMPLE,
    region: 'us-east-1',
    body: '{}',
    method: 'POST',
  }
  /** Names of which one begins another, and what only RFC 3986 encodes. */
  const examples: [Request][] = [
    [{ ...plain, query: { a: '1', 'a b': '2', 'a!': '3', A: '4' } }],
    [{ ...plain, segment: "(it's)*!~" }],
  ]

  test('for any model, query, body, key and region', async () => {
    await fc.assert(
      fc.asyncProperty(request, async (made) => {
        fc.pre(!['.', '..'].includes(made.segment) && !('' in made.query))
        const path = `/model/${encodeURIComponent(made.segment)}/converse`
        const search = Object.entries(made.query)
          .map((pair) => pair.map(encodeURIComponent).join('='))
          .join('&')
        const url = `https://bedrock-runtime.${made.region}.amazonaws.com${path}${search === '' ? '' : `?${search}`}`
        const headers = await signed(
          { method: made.method, url, body: made.body },
          { kind: 'aws', regions: { [made.region]: made.key } },
          made.region,
        )
        const signer = new SignatureV4({
          service: 'bedrock',
          region: made.region,
          credentials: made.key,
          sha256: Sha256,
          applyChecksum: false,
        })
        const theirs = await signer.sign(
          {
            method: made.method,
            protocol: 'https:',
            hostname: `bedrock-runtime.${made.region}.amazonaws.com`,
            path,
            query: made.query,
            headers: { host: `bedrock-runtime.${made.region}.amazonaws.com` },
            body: made.body,
          },
          { signingDate: new Date(world.nowMs()) },
        )
        expect(headers.get('authorization')).toBe(theirs.headers['authorization'])
      }),
      { numRuns: 200, examples },
    )
  })
})

test('a body that is not held cannot be signed', async () => {
  const body = new ReadableStream()
  await expect(signed({ url: `${HOST}/model/m/converse`, body })).rejects.toThrow('held whole')
})

describe("a region's credential", () => {
  const key = (name: string): AwsCredential => ({ apiKey: name })
  const credential: AwsCredentials = {
    kind: 'aws',
    regions: { 'us-east-1': key('own'), global: key('global') },
  }

  test.each([
    ['us-east-1', 'own'],
    ['eu-west-1', 'global'],
    ['toString', 'global'],
    ['__proto__', 'global'],
  ])('of %s is %s', (region, apiKey) => {
    expect(credentialForRegion(credential, region)).toEqual({ apiKey })
  })

  test('that is an API key goes into the header as it is, and nothing is signed', async () => {
    const headers = await signed({ url: `${HOST}/model/m/converse`, body: BODY }, credential)
    expect(Object.fromEntries(headers)).toEqual({ authorization: 'Bearer own' })
  })

  test('that is missing is a refusal before anything is sent', async () => {
    const only: AwsCredentials = { kind: 'aws', regions: { 'us-east-1': EXAMPLE } }
    const error = await rejectionOf(() => signed({ url: HOST }, only, 'eu-west-1'))
    expect(error).toBeInstanceOf(CredentialRefused)
    expect(error).toMatchObject({ status: 403 })
    expect(String(error)).not.toContain('EXAMPLE')
  })

  test('#18 of one organization never signs for another with the same key id', async () => {
    const url = `${HOST}/model/m/converse`
    const first = await signed({ url, body: BODY })
    const other = { ...EXAMPLE, secretAccessKey: 'another/secret/of/the/same/length/123456' }
    const second = await signed({ url, body: BODY }, globally(other))
    expect(signatureIn(second)).not.toBe(signatureIn(first))
    expect(signatureIn(await signed({ url, body: BODY }))).toBe(signatureIn(first))
  })
})
