import { describe, expect, test, vi } from 'vitest'
import { tunnelFetch } from '../../src/tunnel/tunnel-fetch.ts'
import { send } from '../routes/management/client.ts'
import { recordOf } from '../storage/world.ts'
import { serve } from './honest-connector.ts'
import { connect } from './test-connector.ts'
import { aRequest, askThrough, newEndpoint, type TestEndpoint } from './world.ts'

interface Status {
  readonly last_error: { readonly at: string; readonly message: string } | null
  readonly last_success_at: string | null
}

const SOON = { timeout: 10_000, interval: 20 }

const WORDS = 'CUDA out of memory on box-7'

async function statusOf({ tunnel }: TestEndpoint): Promise<Status> {
  const { organizationId, endpointId } = tunnel
  const { body } = await send('GET', `/${organizationId}/endpoints/${endpointId}`)
  return body['status'] as Status
}

/** An endpoint whose connector has just failed a call in its own words. */
async function failedEndpoint(): Promise<TestEndpoint> {
  const endpoint = await newEndpoint()
  const connector = await connect({ token: endpoint.token })
  const answering = tunnelFetch(endpoint.tunnel, aRequest())
  const { stream } = await connector.next('REQUEST')
  connector.send('ACCEPTED', stream)
  connector.send('RESET', stream, { code: 'model_failed', message: WORDS })
  await expect(answering).rejects.toThrow('broke off')
  return endpoint
}

/** What the gateway tells of it, so much later. */
async function told({ tunnel }: TestEndpoint, laterMs: number, status: number | null) {
  const { organizationId, endpointId } = tunnel
  const at = new Date(Date.now() + laterMs).toISOString()
  const errors = { [endpointId]: { at, status, message: 'said by Keyway' } }
  await recordOf(organizationId).keysWereUsed({ apiKeys: {}, providerKeys: {}, errors })
}

describe('the last error of an endpoint', () => {
  test('is what its connector said, in its own words, which no caller hears', async () => {
    const endpoint = await newEndpoint()
    const { organizationId, endpointId } = endpoint.tunnel
    const connector = await connect({ token: endpoint.token })
    const answering = askThrough(endpoint)
    const { stream } = await connector.next('REQUEST')
    connector.send('ACCEPTED', stream)
    connector.send('RESET', stream, { code: 'model_failed', message: WORDS })
    const answer = await answering
    expect(answer.status).toBe(502)
    expect(await answer.text()).not.toContain(WORDS)
    const shown = { status: null, message: `model_failed: ${WORDS}`, at: expect.any(String) }
    expect((await statusOf(endpoint)).last_error).toEqual(shown)
    await vi.waitFor(async () => {
      const reply = await recordOf(organizationId).findOwned('endpoint', endpointId)
      expect(JSON.stringify(reply)).toContain('broke off')
    }, SOON)
    expect((await statusOf(endpoint)).last_error).toEqual(shown)
  })

  test('is the rule that its connector broke', async () => {
    const endpoint = await newEndpoint()
    const connector = await connect({ token: endpoint.token })
    connector.send('HELLO', 0, { agent: 'twice/1' })
    expect(await connector.closed).toMatchObject({ code: 4400 })
    expect((await statusOf(endpoint)).last_error?.message).toBe('connection: hello twice')
  })

  test.each<[string, number, number | null, string]>([
    ['the same failure in words for callers', 1000, null, WORDS],
    ['an answer of the model server’s', 1000, 500, 'said by Keyway'],
    ['another failure, later', 60_000, null, 'said by Keyway'],
    ['an answer of the model server’s, earlier', -60_000, 500, WORDS],
  ])('where the gateway tells %s', async (_, laterMs, status, message) => {
    const endpoint = await failedEndpoint()
    await told(endpoint, laterMs, status)
    expect((await statusOf(endpoint)).last_error?.message).toContain(message)
  })

  test('is none once the way there was changed: it says nothing of the new one', async () => {
    const endpoint = await failedEndpoint()
    const { organizationId, endpointId } = endpoint.tunnel
    const { at = '' } = (await statusOf(endpoint)).last_error ?? {}
    expect(at).not.toBe('')
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(Date.parse(at)))
    const patch = { auth: 'bearer', api_key: 'another-key' }
    const { status } = await send('PATCH', `/${organizationId}/endpoints/${endpointId}`, patch)
    expect(status).toBe(200)
    expect((await statusOf(endpoint)).last_error).toBeNull()
  })

  test('is in Keyway’s words where the connector had none', async () => {
    const endpoint = await newEndpoint()
    await expect(tunnelFetch(endpoint.tunnel, aRequest())).rejects.toThrow('online')
    expect((await statusOf(endpoint)).last_error?.message).toBe('offline')
    await told(endpoint, -60_000, null)
    expect((await statusOf(endpoint)).last_error?.message).toBe('offline')
    await told(endpoint, -10, null)
    expect((await statusOf(endpoint)).last_error?.message).toBe('said by Keyway')
  })
})

test('the last success of an endpoint is the newest that is known, and no error of its model', async () => {
  const endpoint = await newEndpoint()
  const { organizationId, endpointId } = endpoint.tunnel
  let status = 500
  const connector = await connect({ token: endpoint.token })
  serve(connector, () => ({ status, pieces: [] }))
  await (await tunnelFetch(endpoint.tunnel, aRequest())).text()
  expect((await statusOf(endpoint)).last_success_at).toBeNull()
  status = 200
  await (await tunnelFetch(endpoint.tunnel, aRequest())).text()
  expect((await statusOf(endpoint)).last_success_at).toMatch(/^20\d\d-/)
  const later = new Date(Date.now() + 60_000).toISOString()
  const use = { apiKeys: {}, providerKeys: { [endpointId]: later }, errors: {} }
  await recordOf(organizationId).keysWereUsed(use)
  expect((await statusOf(endpoint)).last_success_at).toBe(later)
})
