import { expect, test } from 'vitest'
import { probeEndpoint } from '../../../src/gateway/probe/probe-endpoint.ts'
import { probeProviderKey } from '../../../src/gateway/probe/probe-provider-key.ts'
import type { EndpointRecord } from '../../../src/storage/replica/records.ts'
import { worldWith } from '../dependencies.ts'
import { keyOf } from '../target/sealed-key.ts'

const endpoint: EndpointRecord = {
  id: 'ep_1',
  name: 'lab',
  kind: 'openai-compatible',
  reach: 'url',
  base_url: 'https://lab.example/v1',
  auth: 'none',
  sealed_api_key: null,
  sealed_headers: null,
  models: ['llama-4'],
  default_model: null,
  capabilities: {},
  timeouts: {},
  connector_hashes: [],
}

/** A world whose upstreams say nothing after some answers, and whose timers ring by hand. */
function world(...answers: readonly Response[]) {
  const left = answers.values()
  const asked = Promise.withResolvers<void>()
  const ended: string[] = []
  const timers = new Map<number, () => void>()
  const deps = worldWith({
    fetch: (input, init) => {
      const { value } = left.next()
      if (value !== undefined) return Promise.resolve(value)
      asked.resolve()
      return new Promise((_, reject) => {
        init?.signal?.addEventListener('abort', () => {
          ended.push(String(input))
          reject(new DOMException('stopped', 'AbortError'))
        })
      })
    },
    startTimer(milliseconds, ring) {
      timers.set(milliseconds, ring)
      return () => void timers.delete(milliseconds)
    },
    openCredential: () => Promise.resolve({ kind: 'key', apiKey: 'sk' }),
    openEndpoint: () => Promise.resolve({ kind: 'endpoint', apiKey: null, headers: {} }),
  })
  const ringAfter = async (milliseconds: number): Promise<void> => {
    await asked.promise
    const ring = timers.get(milliseconds) ?? expect.fail('nobody waits so long')
    ring()
  }
  return { deps, ended, timers, ringAfter }
}

test('a provider that says nothing to a key is let go of when its time is over', async () => {
  const { deps, ended, timers, ringAfter } = world()
  const key = { organizationId: 'org_1', provider: 'openai', key: keyOf('pk_1') }
  const probing = probeProviderKey(key, deps)
  await ringAfter(10_000)
  const message = 'openai did not answer in time.'
  expect(await probing).toEqual({ ok: false, status: null, latency_ms: 0, message })
  expect(ended).toEqual(['https://api.openai.com/v1/models'])
  expect(timers.size).toBe(0)
})

test.each([
  ['at all', [], 'https://lab.example/v1/models'],
  [
    'behind saying that it has no list of models',
    [Response.json({ error: { message: 'Not Found' } }, { status: 404 })],
    'https://lab.example/v1/chat/completions',
  ],
])('the same with an endpoint that says nothing %s', async (_, answers, url) => {
  const { deps, ended, timers, ringAfter } = world(...answers)
  const toProbe = { organizationId: 'org_1', endpoint, ownHost: 'keyway.example' }
  const probing = probeEndpoint(toProbe, deps)
  await ringAfter(30_000)
  const message = 'The endpoint lab did not answer in time.'
  expect(await probing).toEqual({ ok: false, status: null, latency_ms: 0, message })
  expect(ended).toEqual([url])
  expect(timers.size).toBe(0)
})
