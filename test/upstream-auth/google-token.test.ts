import { beforeAll, describe, expect, test } from 'vitest'
import type { GoogleServiceAccount } from '../../src/core/credentials.ts'
import { googleSelfSigned, googleToken } from '../../src/upstream-auth/google-token.ts'
import { CredentialRefused } from '../../src/upstream-auth/upstream-auth.ts'
import { rejectionOf } from '../thrown-by.ts'
import {
  accountOf,
  newTestKey,
  type TestKey,
  type TestWorld,
  testWorld,
  tokenAnswer,
  verifiedJwt,
} from './google-world.ts'

let key: TestKey
let otherKey: TestKey
beforeAll(async () => {
  ;[key, otherKey] = await Promise.all([newTestKey(), newTestKey()])
})

let accounts = 0
/** An account of which no token is known yet. */
const newAccount = (more: Partial<GoogleServiceAccount> = {}): GoogleServiceAccount =>
  accountOf(key, { privateKeyId: `key-id-${++accounts}`, ...more })

const requestWith = (authorization: string) => ({
  method: 'POST',
  url: 'https://upstream.example/',
  headers: { authorization },
  body: null,
})

async function proofBy(
  auth: typeof googleToken,
  account: GoogleServiceAccount,
  world: TestWorld,
): Promise<string | null> {
  const request = requestWith('Bearer of the caller')
  await auth.prove(request, account, { location: 'global' }, world)
  return request.headers.authorization
}

const proof = (account: GoogleServiceAccount, world: TestWorld) =>
  proofBy(googleToken, account, world)

const NOW = Date.parse('2026-11-20T00:00:00Z') / 1000

describe('an exchange', () => {
  test('sends a signed assertion in a form, and the token becomes the proof', async () => {
    const world = testWorld()
    const account = newAccount()
    expect(await proof(account, world)).toBe('Bearer ya29.token-1')
    const [exchange] = world.exchanges
    expect.assert(exchange !== undefined)
    expect(exchange.url).toBe('https://token.example/token')
    expect(exchange.init).toMatchObject({ method: 'POST', redirect: 'manual' })
    expect(new Headers(exchange.init.headers).get('content-type')).toBe(
      'application/x-www-form-urlencoded',
    )
    expect([...exchange.form.keys()]).toEqual(['grant_type', 'assertion'])
    expect(exchange.form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    expect(await verifiedJwt(exchange.form.get('assertion') ?? '', key)).toEqual({
      header: { alg: 'RS256', typ: 'JWT', kid: account.privateKeyId },
      claims: {
        iss: account.clientEmail,
        scope: 'https://www.googleapis.com/auth/cloud-platform',
        // Google's own address, wherever the assertion is sent.
        aud: 'https://oauth2.googleapis.com/token',
        iat: NOW,
        exp: NOW + 3600,
      },
    })
  })

  test('does not last for ever', async () => {
    const world = testWorld()
    await proof(newAccount(), world)
    expect(world.exchanges[0]?.init.signal).toBeInstanceOf(AbortSignal)
  })

  test('names no key where the file named none', async () => {
    const world = testWorld()
    const { privateKeyId: _, ...account } = newAccount({ clientEmail: 'nobody@example.com' })
    await proof(account, world)
    const { header } = await verifiedJwt(world.exchanges[0]?.form.get('assertion') ?? '', key)
    expect(header).toEqual({ alg: 'RS256', typ: 'JWT' })
  })
})

describe('a token is kept', () => {
  test('and used again by the next request', async () => {
    const world = testWorld()
    const account = newAccount()
    expect([await proof(account, world), await proof(account, world)]).toEqual([
      'Bearer ya29.token-1',
      'Bearer ya29.token-1',
    ])
    expect(world.exchanges).toHaveLength(1)
  })

  test('also by a credential that was opened again', async () => {
    const world = testWorld()
    const account = newAccount()
    await proof(account, world)
    await proof({ ...account }, world)
    expect(world.exchanges).toHaveLength(1)
  })

  test('until five minutes before it ends', async () => {
    const world = testWorld()
    const account = newAccount()
    await proof(account, world)
    await world.pass((3599 - 300) * 1000 - 1)
    expect(await proof(account, world)).toBe('Bearer ya29.token-1')
    await world.pass(1)
    expect(await proof(account, world)).toBe('Bearer ya29.token-2')
  })

  test.each<[string, (account: GoogleServiceAccount) => GoogleServiceAccount]>([
    ['key', (account) => ({ ...account, privateKey: otherKey.pem })],
    ['id of a key', (account) => ({ ...account, privateKeyId: 'rotated' })],
    ['address', (account) => ({ ...account, clientEmail: 'other@example.com' })],
  ])('and never used for another %s', async (_, change) => {
    const world = testWorld()
    const account = newAccount()
    await proof(account, world)
    expect(await proof(change(account), world)).toBe('Bearer ya29.token-2')
  })

  test('in the store under a name that tells nothing, for other isolates', async () => {
    const world = testWorld()
    const account = newAccount()
    await proof(account, world)
    const [[name, stored] = []] = world.stored
    expect(name).toMatch(/^exchanged\/[0-9a-f]{64}$/)
    expect(stored).toEqual({ token: 'ya29.token-1', expiresAtMs: NOW * 1000 + 3599 * 1000 })
  })

  test('and one from the store spares the exchange', async () => {
    const first = testWorld()
    const account = newAccount()
    await proof(account, first)
    const [[name = ''] = []] = first.stored
    await googleToken.forget?.(requestWith('Bearer ya29.token-1'), account, first)
    const second = testWorld()
    second.stored.set(name, { token: 'ya29.stored', expiresAtMs: second.nowMs() + 3_000_000 })
    expect(await proof(account, second)).toBe('Bearer ya29.stored')
    expect(second.exchanges).toHaveLength(0)
  })

  test('but not one from the store that is about to end', async () => {
    const first = testWorld()
    const account = newAccount()
    await proof(account, first)
    const [[name = ''] = []] = first.stored
    await googleToken.forget?.(requestWith('Bearer ya29.token-1'), account, first)
    const second = testWorld()
    second.stored.set(name, { token: 'ya29.stored', expiresAtMs: second.nowMs() + 300_000 })
    expect(await proof(account, second)).toBe('Bearer ya29.token-1')
  })

  test('until it is forgotten, here and in the store', async () => {
    const world = testWorld()
    const account = newAccount()
    await proof(account, world)
    await googleToken.forget?.(requestWith('Bearer ya29.token-1'), account, world)
    expect(world.stored.size).toBe(0)
    expect(await proof(account, world)).toBe('Bearer ya29.token-2')
  })

  test('and not taken from the store again where that still gives the one that was refused', async () => {
    const world = testWorld()
    const account = newAccount()
    await proof(account, world)
    const [[name = '', token] = []] = world.stored
    await googleToken.forget?.(requestWith('Bearer ya29.token-1'), account, world)
    // Another location's cache does not know of the deletion.
    if (token) world.stored.set(name, token)
    expect(await proof(account, world)).toBe('Bearer ya29.token-2')
  })

  test('where another one was refused that it took the place of', async () => {
    const world = testWorld()
    const account = newAccount()
    await proof(account, world)
    const [[name = '', first] = []] = world.stored
    await googleToken.forget?.(requestWith('Bearer ya29.token-1'), account, world)
    expect(await proof(account, world)).toBe('Bearer ya29.token-2')
    // An answer to the first one that came late.
    await googleToken.forget?.(requestWith('Bearer ya29.token-1'), account, world)
    expect(await proof(account, world)).toBe('Bearer ya29.token-2')
    expect(world.stored.get(name)?.token).toBe('ya29.token-2')
    await googleToken.forget?.(requestWith('Bearer ya29.token-2'), account, world)
    if (first) world.stored.set(name, first)
    expect(await proof(account, world)).toBe('Bearer ya29.token-3')
  })

  test('but not one that was refused when memory did not know it any more', async () => {
    const world = testWorld()
    const account = newAccount()
    await googleToken.forget?.(requestWith('Bearer ya29.refused'), account, world)
    await proof(account, world)
    const [[name = ''] = []] = world.stored
    await googleToken.forget?.(requestWith('Bearer ya29.token-1'), account, world)
    world.stored.set(name, { token: 'ya29.refused', expiresAtMs: world.nowMs() + 3_000_000 })
    expect(await proof(account, world)).toBe('Bearer ya29.token-2')
  })

  test('for others without a request waiting for that', async () => {
    const world = testWorld()
    const work: Promise<unknown>[] = []
    const putting = new Promise<void>(() => undefined)
    const slow = {
      ...world,
      tokens: { ...world.tokens, put: () => putting },
      waitUntil: (promise: Promise<unknown>) => void work.push(promise),
    }
    expect(await proof(newAccount(), slow)).toBe('Bearer ya29.token-1')
    expect(work).toEqual([putting])
    expect(work[0]).toBe(putting)
  })

  test('not longer than it lasts, where that is short', async () => {
    const world = testWorld((count) => tokenAnswer(`ya29.short-${count}`, 60))
    const account = newAccount()
    expect(await proof(account, world)).toBe('Bearer ya29.short-1')
    expect(await proof(account, world)).toBe('Bearer ya29.short-2')
  })
})

describe('requests at the same time', () => {
  const twenty = (account: GoogleServiceAccount, world: TestWorld) =>
    Array.from({ length: 20 }, () => rejectionOf(() => proof({ ...account }, world)))

  /** Passes time until the work is done, or until there is no more of it. */
  async function passUntil(work: Promise<unknown>, world: TestWorld, maxMs: number) {
    const results: unknown[] = []
    const done = work.then((result) => results.push(result))
    for (let passedMs = 0; passedMs <= maxMs && results.length === 0; passedMs += 250) {
      await world.pass(250)
    }
    await (results.length > 0 ? done : undefined)
    return results[0] ?? 'still waiting'
  }

  test('make one exchange', async () => {
    const world = testWorld(async (count) => {
      await world.sleep(400)
      return tokenAnswer(`ya29.token-${count}`)
    })
    const proofs = Promise.all(twenty(newAccount(), world))
    expect(await passUntil(proofs, world, 2000)).toEqual(Array.from({ length: 20 }))
    expect(world.exchanges).toHaveLength(1)
  })

  test('do not wait long for an exchange that never ends', async () => {
    const never = new Promise<Response>(() => undefined)
    const world = testWorld((count) => (count === 1 ? never : tokenAnswer('ya29.late')))
    const account = newAccount()
    void proof(account, world)
    await world.pass(10)
    const proofs = Promise.all(twenty(account, world))
    expect(await passUntil(proofs, world, 3500)).not.toBe('still waiting')
  })

  test('do not wait one behind the other for exchanges that never end', async () => {
    const world = testWorld(() => new Promise<Response>(() => undefined))
    void Promise.all(twenty(newAccount(), world))
    for (let passedMs = 0; passedMs <= 3500; passedMs += 250) await world.pass(250)
    expect(world.exchanges).toHaveLength(20)
  })

  test('do not wait one behind the other for exchanges that fail', async () => {
    const world = testWorld(async () => {
      await world.sleep(1000)
      return Response.json({ error: 'invalid_grant' }, { status: 400 })
    })
    const proofs = Promise.all(twenty(newAccount(), world))
    const refusals = Array.from({ length: 20 }, () => expect.any(CredentialRefused))
    expect(await passUntil(proofs, world, 6000)).toEqual(refusals)
  })

  test('of different accounts do not wait for each other', async () => {
    const world = testWorld((count) =>
      count === 1 ? new Promise<Response>(() => undefined) : tokenAnswer('ya29.other'),
    )
    void proof(newAccount(), world)
    await world.pass(10)
    expect(await proof(newAccount(), world)).toBe('Bearer ya29.other')
  })
})

describe('an exchange that fails is told without what was in it', () => {
  const description = 'Invalid JWT: canary-account@my-project.iam.gserviceaccount.com'

  test.each<[string, () => Response, number, RegExp]>([
    [
      'invalid_grant',
      () =>
        Response.json({ error: 'invalid_grant', error_description: description }, { status: 400 }),
      400,
      /invalid_grant/,
    ],
    [
      'unauthorized_client',
      () => Response.json({ error: 'unauthorized_client' }, { status: 401 }),
      401,
      /unauthorized_client/,
    ],
    [
      'a code that is no code',
      () => Response.json({ error: description }, { status: 400 }),
      400,
      /HTTP 400/,
    ],
    [
      'an object for a code',
      () => Response.json({ error: { message: description } }, { status: 403 }),
      403,
      /HTTP 403/,
    ],
    ['a server that failed', () => new Response(description, { status: 500 }), 500, /HTTP 500/],
    ['a page', () => new Response(`<html>${description}`, { status: 503 }), 503, /HTTP 503/],
    ['a page that is well', () => new Response(`<html>${description}`), 200, /HTTP 200/],
    ['a token that is empty', () => tokenAnswer(''), 200, /HTTP 200/],
    ['no end of the token', () => Response.json({ access_token: 'ya29.canary' }), 200, /HTTP 200/],
    [
      'a redirect',
      () => new Response(null, { status: 302, headers: { location: 'https://canary.example' } }),
      302,
      /HTTP 302/,
    ],
  ])('%s', async (_, answer, status, message) => {
    const world = testWorld(answer)
    const error = await rejectionOf(() => proof(newAccount(), world))
    expect(error).toBeInstanceOf(CredentialRefused)
    expect(error).toMatchObject({ status })
    expect(String(error)).toMatch(message)
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/canary|eyJ/)
    expect(world.stored.size).toBe(0)
  })

  test('and a broken connection as what it is', async () => {
    const broken = new TypeError('Network connection lost.')
    const world = testWorld(() => Promise.reject(broken))
    expect(await rejectionOf(() => proof(newAccount(), world))).toBe(broken)
  })

  test('and the next request tries again', async () => {
    const world = testWorld((count) =>
      count === 1 ? new Response(null, { status: 500 }) : tokenAnswer('ya29.again'),
    )
    const account = newAccount()
    await rejectionOf(() => proof(account, world))
    expect(await proof(account, world)).toBe('Bearer ya29.again')
  })
})

describe('a token of its own', () => {
  test('is signed without an exchange, and names a scope and no audience', async () => {
    const world = testWorld()
    const account = newAccount()
    const header = await proofBy(googleSelfSigned, account, world)
    expect(world.exchanges).toHaveLength(0)
    expect(await verifiedJwt((header ?? '').replace('Bearer ', ''), key)).toEqual({
      header: { alg: 'RS256', typ: 'JWT', kid: account.privateKeyId },
      claims: {
        iss: account.clientEmail,
        sub: account.clientEmail,
        scope: 'https://www.googleapis.com/auth/cloud-platform',
        iat: NOW,
        exp: NOW + 3600,
      },
    })
  })

  test('is kept apart from one that was exchanged', async () => {
    const world = testWorld()
    const account = newAccount()
    const signed = await proofBy(googleSelfSigned, account, world)
    expect(await proof(account, world)).toBe('Bearer ya29.token-1')
    expect(await proofBy(googleSelfSigned, account, world)).toBe(signed)
    expect([...world.stored.keys()].map((name) => name.split('/')[0])).toEqual([
      'self-signed',
      'exchanged',
    ])
  })

  test('is signed anew when it was forgotten', async () => {
    const world = testWorld()
    const account = newAccount()
    const signed = await proofBy(googleSelfSigned, account, world)
    await world.pass(1000)
    await googleSelfSigned.forget?.(requestWith(signed ?? ''), account, world)
    expect(await proofBy(googleSelfSigned, account, world)).not.toBe(signed)
  })
})
