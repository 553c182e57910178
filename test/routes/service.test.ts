import { createExecutionContext } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { newApiKey } from '../../src/core/api-key-format.ts'
import app from '../../src/index.ts'
import { randomBytes, testEnv } from '../storage/world.ts'

const ask = (path: string, vars: object = {}, init: RequestInit = {}) =>
  app.request(path, init, { ...testEnv(), ...vars }, createExecutionContext())

const REQUEST_ID = expect.stringMatching(/^req_[0-9a-f]{32}$/)

describe('without a credential', () => {
  test('GET / says what this is, and where', async () => {
    const response = await ask('/')
    expect(response.status).toBe(200)
    expect(response.headers.get('x-keyway-request-id')).toEqual(REQUEST_ID)
    const about: Record<string, unknown> = await response.json()
    expect(about).toMatchObject({ name: 'Keyway', description: expect.any(String) })
    expect(about['surfaces']).toEqual(['/v1', '/openai', '/native/{provider}'])
    // What it names is there: it asks for a credential, where nothing would be a 404.
    const management = await ask(String(about['management']))
    expect(management.status).toBe(401)
  })

  test('HEAD / says so without a body', async () => {
    const response = await ask('/', {}, { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  test('GET /health is well where the deployment is set up', async () => {
    const response = await ask('/health')
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
    expect(response.headers.get('x-keyway-request-id')).toEqual(REQUEST_ID)
  })

  test.each([
    ['MASTER_KEYS', ''],
    ['PROVIDER_BASE_URLS', '{"opnai":"https://proxy.example"}'],
  ])('GET /health says what is wrong with %s', async (name, value) => {
    const response = await ask('/health', { [name]: value })
    expect(response.status).toBe(500)
    expect(response.headers.get('x-keyway-error-code')).toBe('misconfigured')
    expect(await response.text()).toContain(name)
  })
})

test.each(['/v1/chat/completions', '/v1/messages', '/native/mistral/v1/models'])(
  'a KV that cannot be read is a 503 at %s, and says when to come again',
  async (path) => {
    const KEYWAY = { get: () => Promise.reject(new Error('canary')) }
    const response = await ask(
      path,
      { KEYWAY },
      {
        method: 'POST',
        headers: {
          authorization: `Bearer ${newApiKey('org_0000000000000001', randomBytes)}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ model: 'mistral/small', max_tokens: 1, messages: [] }),
      },
    )
    expect(response.status).toBe(503)
    expect(response.headers.get('x-keyway-error-code')).toBe('unavailable')
    expect(response.headers.get('retry-after')).toBe('5')
    expect(await response.text()).not.toContain('canary')
  },
)
