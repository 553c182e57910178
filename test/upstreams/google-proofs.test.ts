import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ServiceAccount } from './provider-keys.ts'
import { startStandIns, type StandIns } from './stand-ins.ts'
import { baseUrl, exchange, mintToken, selfSign, signJwt } from './test-clients.ts'

let standIns: StandIns
let now = Date.now()
beforeAll(async () => {
  standIns = await startStandIns({ now: () => now })
})
beforeEach(() => {
  now = Date.now()
})
afterAll(() => standIns.close())

let labels = 0
const label = () => `credential-${(labels += 1)}`

async function post(url: string, headers: Record<string, string>, body: unknown) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const json: unknown = await response.json()
  return { status: response.status, headers: response.headers, json }
}

describe('google', () => {
  let file: ServiceAccount
  beforeAll(async () => {
    file = await standIns.issueCredential('google_vertex_ai', label())
  })
  const seconds = Math.floor(Date.now() / 1000)
  const generate = (bearer: string, project = file.project_id, location = 'europe-west4') =>
    post(
      `${baseUrl(standIns, 'google_vertex_ai', 'europe-west4')}/v1/projects/${project}/locations/${location}/publishers/google/models/gemini-3.8-flash:generateContent`,
      { authorization: `Bearer ${bearer}` },
      { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
    )

  test.each<[string, Record<string, unknown>, string]>([
    ['for another audience', { aud: 'https://aiplatform.googleapis.com/' }, 'invalid_grant'],
    ['that expired', { iat: seconds - 4000, exp: seconds - 400 }, 'invalid_grant'],
    ['that lives too long', { exp: seconds + 7200 }, 'invalid_grant'],
    ['that is not valid yet', { iat: seconds + 600, exp: seconds + 900 }, 'invalid_grant'],
    ['of nobody', { iss: 'nobody@example.iam.gserviceaccount.com' }, 'invalid_grant'],
    ['for somebody else', { sub: 'boss@example.com' }, 'invalid_grant'],
    ['without a scope', { scope: undefined }, 'invalid_scope'],
    ['with a scope that is not for this', { scope: 'openid' }, 'invalid_scope'],
  ])('gives no token for an assertion %s', async (_, claims, error) => {
    const before = standIns.tokenExchanges
    const { status, body } = await exchange(standIns, signJwt(file, claims))
    expect([status, body['error']]).toEqual([400, error])
    expect(standIns.tokenExchanges).toBe(before)
  })

  test('gives no token for a broken signature, another key id or another grant', async () => {
    const jwt = signJwt(file)
    const foreign = await standIns.issueCredential('google_vertex_ai', label())
    const forged = signJwt({ ...file, private_key: foreign.private_key })
    for (const assertion of [
      forged,
      `${jwt.slice(0, -8)}AAAAAAAA`,
      signJwt(file, {}, { kid: 'x' }),
    ]) {
      expect((await exchange(standIns, assertion)).body['error']).toBe('invalid_grant')
    }
    const { body } = await exchange(standIns, jwt, { grant_type: 'password' })
    expect(body['error']).toBe('unsupported_grant_type')
  })

  test('takes its own tokens until they expire, for their own project and place only', async () => {
    const before = standIns.tokenExchanges
    const token = await mintToken(standIns, file)
    expect(standIns.tokenExchanges).toBe(before + 1)
    expect((await generate(token)).status).toBe(200)
    const other = await generate(token, 'other-project')
    expect(other).toMatchObject({ status: 403, json: { error: { status: 'PERMISSION_DENIED' } } })
    expect((await generate(token, file.project_id, 'us-east1')).status).toBe(400)
    expect((await generate('ya29.somebody-else')).status).toBe(401)
    expect((await generate(signJwt(file))).status).toBe(401)
    now += 3_600_000
    expect(await generate(token)).toMatchObject({ json: { error: { status: 'UNAUTHENTICATED' } } })
  })

  test('takes a JWT that the service account signed itself', async () => {
    const aud = 'https://aiplatform.googleapis.com/'
    expect((await generate(selfSign(file))).status).toBe(200)
    expect((await generate(selfSign(file, { aud, scope: undefined }))).status).toBe(200)
    expect(standIns.requests.at(-1)?.proof).toBe('self-signed RS256 JWT (audience)')
    for (const claims of [{ aud }, { scope: undefined }, { sub: undefined }, { scope: 'openid' }]) {
      expect((await generate(selfSign(file, claims))).status).toBe(401)
    }
  })

  test('forgets the tokens of a revoked account', async () => {
    const name = label()
    const revoked = await standIns.issueCredential('google_vertex_ai', name)
    const token = await mintToken(standIns, revoked)
    standIns.revokeCredential(name)
    expect((await generate(token, revoked.project_id)).status).toBe(401)
    expect((await exchange(standIns, signJwt(revoked))).body['error']).toBe('invalid_grant')
  })
})
