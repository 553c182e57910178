import { expect, test } from 'vitest'
import { judgeEndpoint } from '../../../src/gateway/attempt/endpoint-failure.ts'
import { failureError } from '../../../src/gateway/attempt/upstream-failure.ts'
import { newTrace } from '../../../src/gateway/record/trace.ts'
import type { Target } from '../../../src/gateway/target/target.ts'
import { privateEndpoint } from '../../../src/providers/private-endpoint.ts'
import type { EndpointRecord } from '../../../src/storage/replica/records.ts'

const endpoint = {
  name: 'lab',
  kind: 'openai-compatible',
  reach: 'url',
  auth: 'none',
  base_url: 'https://models.example.com/v1',
  capabilities: {},
} as EndpointRecord
const target: Target = {
  provider: privateEndpoint(endpoint),
  keyId: 'ep_1',
  site: {
    credential: { kind: 'endpoint', apiKey: null, headers: {} },
    settings: {},
    location: '',
  },
  endpoint,
}
const deps = { sleep: () => new Promise<void>(() => undefined), nowMs: () => 0 }

test.each([600, 700, 999])('a server that answers %d has failed', async (status) => {
  // Nobody but a server can make such an answer.
  const response = Object.defineProperty(new Response('{"error":{"message":"Odd"}}'), 'status', {
    value: status,
  })
  const url = 'https://models.example.com/v1/chat/completions'
  const made = await judgeEndpoint({ target, endpoint }, { response, url }, deps)
  expect(made).toMatchObject({ kind: 'failure', reason: 'failed' })
  if (made.kind !== 'failure') return
  const error = await failureError(made, deps, newTrace('req_1'))
  expect(error).toMatchObject({ code: 'upstream_error', status: 502 })
  expect(error.message).toContain('It said: Odd.')
})
