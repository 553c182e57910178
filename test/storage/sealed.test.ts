import { describe, expect, test } from 'vitest'
import { fromBase64url, base64url } from '../../src/core/encoding.ts'
import { GatewayError } from '../../src/core/errors.ts'
import { parseMasterKeys } from '../../src/storage/sealed/master-keys.ts'
import { open, seal } from '../../src/storage/sealed/sealed.ts'
import { masterKey } from './world.ts'

const SECRET = 'sk-canary-7f3a91'
const keys = parseMasterKeys(masterKey('k1', 1))
const binding = {
  organizationId: 'org_0000000000000001',
  recordId: 'pk_0000000000000001',
  purpose: 'provider-key',
}

/** The error of a value that must not open. */
async function refusal(work: Promise<string>): Promise<GatewayError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof GatewayError)) throw new Error('it was not refused')
  return error
}

describe('a sealed value', () => {
  test.each(['', SECRET, '{"private_key":"-----BEGIN…\\n"}', '\uFEFFwith a mark', 'ü😀'])(
    'opens to what was sealed: %j',
    async (text) => {
      expect(await open(keys, binding, await seal(keys, binding, text))).toBe(text)
    },
  )

  test('names its version and master key, differs each time and does not hold the secret', async () => {
    const [first, second] = [await seal(keys, binding, SECRET), await seal(keys, binding, SECRET)]
    expect(first).toMatch(/^v1\.k1\.[\w-]+$/)
    expect(first).not.toBe(second)
    const bytes = fromBase64url(first.slice('v1.k1.'.length))
    expect(new TextDecoder().decode(bytes)).not.toContain('canary')
  })

  test.each([
    ['another organization', { organizationId: 'org_0000000000000002' }],
    ['another record', { recordId: 'pk_0000000000000002' }],
    ['another purpose', { purpose: 'endpoint' }],
    ['ids that read the same when joined', { recordId: 'pk_000000000000000', purpose: '1' }],
  ])('does not open for %s', async (_, other) => {
    const sealed = await seal(keys, binding, SECRET)
    const error = await refusal(open(keys, { ...binding, ...other }, sealed))
    expect(error.code).toBe('internal_error')
  })

  test('does not open with any one bit of any byte flipped', async () => {
    const sealed = await seal(keys, binding, SECRET)
    const bytes = fromBase64url(sealed.slice('v1.k1.'.length))
    for (let position = 0; position < bytes.length; position++) {
      const altered = bytes.slice()
      altered[position] = (altered[position] ?? 0) ^ (1 << (position % 8))
      const error = await refusal(open(keys, binding, `v1.k1.${base64url(altered)}`))
      expect(error.code, `byte ${position}`).toBe('internal_error')
    }
  })

  test('does not open with any one character changed, spare bits at the end included', async () => {
    const sealed = await seal(keys, binding, SECRET)
    for (let position = 0; position < sealed.length; position++) {
      const other = sealed[position] === 'A' ? 'B' : 'A'
      const altered = sealed.slice(0, position) + other + sealed.slice(position + 1)
      expect((await refusal(open(keys, binding, altered))).code).toBe('internal_error')
    }
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (const character of alphabet.replace(sealed.at(-1) ?? '', '')) {
      const respelt = sealed.slice(0, -1) + character
      expect((await refusal(open(keys, binding, respelt))).code).toBe('internal_error')
    }
  })

  test.each(['', 'v1', 'v1.k1.', 'v1.k1.AAAA', 'v2.k1.AAAA', 'v1.k1.!!', 'v1.k1.AA==', SECRET])(
    'is not %j',
    async (text) => {
      const error = await refusal(open(keys, binding, text))
      expect(error.code).toBe('internal_error')
      expect(`${error.message} ${String(error.cause)}`).not.toContain('canary')
    },
  )

  test('is what anyone with the master key and the documentation can open', async () => {
    const bytes = fromBase64url((await seal(keys, binding, SECRET)).slice('v1.k1.'.length))
    const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
    const root = await crypto.subtle.importKey('raw', keys[0].bytes, 'HKDF', false, ['deriveKey'])
    const info = utf8('keyway sealed v1 org_0000000000000001')
    const key = await crypto.subtle.deriveKey(
      { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(32), info },
      root,
      { name: 'AES-GCM', length: 256 },
      false,
      ['decrypt'],
    )
    const additionalData = utf8(
      '["v1","k1","provider-key","org_0000000000000001","pk_0000000000000001"]',
    )
    const algorithm = { name: 'AES-GCM', iv: bytes.slice(0, 12), additionalData }
    const plaintext = await crypto.subtle.decrypt(algorithm, key, bytes.slice(12))
    expect(new TextDecoder().decode(plaintext)).toBe(SECRET)
  })

  test('tells nothing of itself in the error', async () => {
    const sealed = await seal(keys, binding, SECRET)
    const error = await refusal(open(keys, { ...binding, recordId: 'pk_other' }, sealed))
    expect(`${error.message} ${String(error.cause)}`).toBe(
      'A stored secret could not be opened. Error: altered, or sealed for something else',
    )
  })
})

describe('changing the master key', () => {
  const both = parseMasterKeys(`${masterKey('k2', 2)},${masterKey('k1', 1)}`)

  test('the first key seals, and the old one still opens', async () => {
    const old = await seal(keys, binding, SECRET)
    expect(await open(both, binding, old)).toBe(SECRET)
    expect(await seal(both, binding, SECRET)).toMatch(/^v1\.k2\./)
  })

  test('what a key that is gone sealed does not open', async () => {
    const sealed = await seal(both, binding, SECRET)
    expect((await refusal(open(keys, binding, sealed))).code).toBe('internal_error')
  })

  test('another secret under the same id does not open', async () => {
    const sealed = await seal(keys, binding, SECRET)
    const error = await refusal(open(parseMasterKeys(masterKey('k1', 9)), binding, sealed))
    expect(error.code).toBe('internal_error')
  })

  test('a value that claims another master key does not open', async () => {
    const sealed = await seal(both, binding, SECRET)
    const error = await refusal(open(both, binding, sealed.replace('v1.k2.', 'v1.k1.')))
    expect(error.code).toBe('internal_error')
  })
})
