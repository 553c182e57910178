import { beforeAll, describe, expect, test } from 'vitest'
import { googleFormat, importPrivateKey } from '../../src/upstream-auth/google-service-account.ts'
import { rejectionOf } from '../thrown-by.ts'
import { armoured, generatePair, newTestKey, pemOf, type TestKey } from './google-world.ts'

const OPTIONS = { allowLoopbackUpstreams: false }
const PRIVATE_KEY = 'provider_key.private_key'

let key: TestKey
let ecPem = ''
let smallPem = ''
beforeAll(async () => {
  key = await newTestKey()
  const ec = await generatePair({ name: 'ECDSA', namedCurve: 'P-256' })
  const small = await generatePair({
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 1024,
    publicExponent: new Uint8Array([1, 0, 1]),
  })
  ;[ecPem, smallPem] = await Promise.all([pemOf(ec.privateKey), pemOf(small.privateKey)])
})

const file = (more: object = {}): Record<string, unknown> => ({
  type: 'service_account',
  project_id: 'my-project',
  private_key_id: 'key-id',
  private_key: key.pem,
  client_email: 'keyway@my-project.iam.gserviceaccount.com',
  client_id: '123456789012345678901',
  auth_uri: 'https://accounts.google.com/o/oauth2/auth',
  token_uri: 'https://oauth2.googleapis.com/token',
  auth_provider_x509_cert_url: 'https://www.googleapis.com/oauth2/v1/certs',
  client_x509_cert_url: 'https://www.googleapis.com/robot/v1/metadata/x509/x',
  universe_domain: 'googleapis.com',
  ...more,
})

const parse = async (value: unknown) => await googleFormat.parse(value, OPTIONS)

describe('the file of a service account is read', () => {
  test('#19 as an object and as text, without any address in it', async () => {
    const expected = {
      kind: 'google',
      projectId: 'my-project',
      clientEmail: 'keyway@my-project.iam.gserviceaccount.com',
      privateKeyId: 'key-id',
      privateKey: key.pem,
    }
    expect(await parse(file())).toEqual(expected)
    expect(await parse(JSON.stringify(file()))).toEqual(expected)
    expect(await parse(file({ token_uri: 'https://evil.example/token' }))).toEqual(expected)
  })

  test('without the members that it can do without', async () => {
    const { private_key_id: _id, universe_domain: _domain, ...rest } = file()
    expect(await parse(rest)).not.toHaveProperty('privateKeyId')
  })

  test.each([['my-project'], ['example.com:my-project'], ['123456789012']])(
    'of the project %s',
    async (project) => {
      expect(await parse(file({ project_id: project }))).toMatchObject({ projectId: project })
    },
  )

  test('and no hint is taken from its key', async () => {
    expect(googleFormat.secretOf(await parse(file()))).toBe('')
  })
})

describe('#19 a private key is read however it was pasted', () => {
  test.each<[string, (pem: string) => string]>([
    ['as it is', (pem) => pem],
    ['without the last line end', (pem) => pem.trimEnd()],
    ['with blank lines around it', (pem) => `\n\n  ${pem}\n\n`],
    ['with CRLF', (pem) => pem.replaceAll('\n', '\r\n')],
    ['with CR', (pem) => pem.replaceAll('\n', '\r')],
    [String.raw`with \n spelt out`, (pem) => pem.replaceAll('\n', String.raw`\n`)],
    [String.raw`with \r\n spelt out`, (pem) => pem.replaceAll('\n', String.raw`\r\n`)],
    [String.raw`with \\n spelt out twice`, (pem) => pem.replaceAll('\n', String.raw`\\n`)],
    ['in double quotes', (pem) => `"${pem}"`],
    ['in single quotes', (pem) => `'${pem.trimEnd()}'`],
    [String.raw`in quotes with \n spelt out`, (pem) => `"${pem.replaceAll('\n', String.raw`\n`)}"`],
    ['in one line', (pem) => pem.replaceAll('\n', ' ')],
    ['indented', (pem) => pem.replaceAll('\n', '\n    ')],
  ])('%s', async (_, paste) => {
    expect(await parse(file({ private_key: paste(key.pem) }))).toMatchObject({
      privateKey: key.pem,
    })
  })

  test('and imports as a key that signs', async () => {
    const imported = await importPrivateKey(key.pem)
    expect(imported).toMatchObject({ type: 'private', extractable: false, usages: ['sign'] })
  })
})

describe('#19 a private key that is none is refused by name', () => {
  const cases: readonly (readonly [string, () => unknown, RegExp])[] = [
    ['missing', () => undefined, /missing/],
    ['empty', () => '', /non-empty/],
    ['a placeholder', () => '...', /not a private key/],
    [
      'a placeholder in armour',
      () => '-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n',
      /not a private key/,
    ],
    ['a number', () => 5, /non-empty string/],
    [
      'garbage in armour',
      () => armoured('PRIVATE KEY', new Uint8Array(200).fill(7)),
      /not a private key/,
    ],
    [
      'nothing in armour',
      () => '-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----',
      /not a private key/,
    ],
    ['half of one', () => key.pem.slice(0, 400), /not a private key/],
    [
      'one with a line missing',
      () => key.pem.split('\n').toSpliced(5, 1).join('\n'),
      /not a private key/,
    ],
    ['one without armour', () => key.pem.split('\n').slice(1, -2).join('\n'), /not a private key/],
    ['one with something behind it', () => `${key.pem}canary`, /not a private key/],
    ['two', () => key.pem + key.pem, /not a private key/],
    [
      'in PKCS#1 form',
      () => armoured('RSA PRIVATE KEY', new Uint8Array(64)),
      /openssl pkcs8 -topk8 -nocrypt/,
    ],
    ['of another kind', () => ecPem, /not a private key/],
    ['in SEC 1 form', () => armoured('EC PRIVATE KEY', new Uint8Array(64)), /not a private key/],
    ['encrypted', () => armoured('ENCRYPTED PRIVATE KEY', new Uint8Array(64)), /not a private key/],
    ['very long', () => `${' '.repeat(5_000_000)}x`, /not a private key/],
    ['a public one', () => armoured('PUBLIC KEY', new Uint8Array(64)), /not a private key/],
    ['a certificate', () => armoured('CERTIFICATE', new Uint8Array(64)), /not a private key/],
    ['for OpenSSH', () => armoured('OPENSSH PRIVATE KEY', new Uint8Array(64)), /not a private key/],
    ['too small to sign with', () => smallPem, /2048/],
  ]

  test.each(cases)('%s', async (_, value, message) => {
    const pasted = value()
    const error = await rejectionOf(() => parse(file({ private_key: pasted })))
    expect(error).toMatchObject({
      code: 'invalid_request',
      status: 400,
      details: { param: PRIVATE_KEY },
    })
    expect(String(error)).toMatch(message)
    expect(String(error)).not.toMatch(/canary|BwcHBwcH|AAAAAAAA/)
    expect(error).toHaveProperty('cause', undefined)
  })

  test('also where more is missing, as in a placeholder file', async () => {
    const value = '{"type":"service_account","project_id":"my-project","private_key":"..."}'
    const error = await rejectionOf(() => parse(value))
    expect(error).toMatchObject({ status: 400, details: { param: PRIVATE_KEY } })
  })
})

describe('a file is refused, by the name of the member', () => {
  test.each<[string, () => unknown, string]>([
    ['text that is no JSON', () => 'canary', 'provider_key'],
    ['nothing', () => undefined, 'provider_key'],
    ['a list', () => [file()], 'provider_key'],
    ['no type', () => file({ type: undefined }), 'provider_key.type'],
    ['credentials of a person', () => file({ type: 'authorized_user' }), 'provider_key.type'],
    [
      'a federated identity',
      () => file({ type: 'external_account', token_url: 'https://canary' }),
      'provider_key.type',
    ],
    ['an impersonation', () => file({ type: 'impersonated_service_account' }), 'provider_key.type'],
    ['no project', () => file({ project_id: undefined }), 'provider_key.project_id'],
    [
      'a project that is a path',
      () => file({ project_id: 'canary/../x' }),
      'provider_key.project_id',
    ],
    [
      'a project in capitals',
      () => file({ project_id: 'CANARY-PROJECT' }),
      'provider_key.project_id',
    ],
    [
      'a project that is a number',
      () => file({ project_id: 123_456_789 }),
      'provider_key.project_id',
    ],
    ['no address', () => file({ client_email: undefined }), 'provider_key.client_email'],
    [
      'an address that is none',
      () => file({ client_email: 'canary' }),
      'provider_key.client_email',
    ],
    [
      'an address of two lines',
      () => file({ client_email: 'canary@x\ny' }),
      'provider_key.client_email',
    ],
    ['an id that is a number', () => file({ private_key_id: 5 }), 'provider_key.private_key_id'],
    [
      'another universe',
      () => file({ universe_domain: 'canary.example' }),
      'provider_key.universe_domain',
    ],
  ])('%s', async (_, value, param) => {
    const error = await rejectionOf(() => parse(value()))
    expect(error).toMatchObject({ code: 'invalid_request', status: 400, details: { param } })
    expect(String(error)).not.toMatch(/canary/i)
  })
})
