import { describe, expect, test } from 'vitest'
import type { Dependencies } from '../../../src/gateway/dependencies.ts'
import { endpointTarget } from '../../../src/gateway/target/endpoint-target.ts'
import { privateEndpoint } from '../../../src/providers/private-endpoint.ts'
import type { EndpointRecord } from '../../../src/storage/replica/records.ts'
import type { AuthWorld } from '../../../src/upstream-auth/upstream-auth.ts'

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- no token is asked for here
const world = {} as AuthWorld

const endpoint: EndpointRecord = {
  id: 'ep_1',
  name: 'lab',
  kind: 'openai-compatible',
  reach: 'url',
  base_url: 'https://models.example.com:8443/v1',
  auth: 'none',
  sealed_api_key: null,
  sealed_headers: null,
  models: [],
  default_model: null,
  capabilities: {},
  timeouts: {},
  connector_hashes: [],
}

/** An organization's own word on it does not count. */
const STORED = { 'CDN-Loop': 'none', 'x-way': 'y' }

const targetWith = (allowedEndpointPorts?: readonly number[], cdnLoop: string | null = null) => {
  const choice = {
    organizationId: 'org_1',
    provider: privateEndpoint(endpoint),
    endpoint,
    ownHost: 'keyway.example.com',
    callerKeys: undefined,
    cdnLoop,
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what an endpoint that is reached by URL touches
  const dependencies = {
    openEndpoint: () => Promise.resolve({ kind: 'endpoint', apiKey: null, headers: STORED }),
    allowLoopbackUpstreams: false,
    ...(allowedEndpointPorts === undefined ? {} : { allowedEndpointPorts }),
  } as unknown as Dependencies
  return endpointTarget(choice, dependencies)
}

test('a private endpoint on a port that is allowed is called', async () => {
  expect(await targetWith([11434, 8443])).toMatchObject({ keyId: 'ep_1' })
})

test.each([[undefined], [[]], [[11434]]])('and on another one it is not: %j', async (ports) => {
  await expect(targetWith(ports)).rejects.toMatchObject({ code: 'misconfigured' })
})

describe('a request that has come through Keyway before', () => {
  const sentTo = async (cdnLoop: string | null) => {
    const target = await targetWith([8443], cdnLoop)
    const request = { method: 'POST', url: 'https://models.example.com/', headers: {}, body: null }
    const { credential } = target.site
    await target.provider.auth({}).prove(request, credential, target.site, world)
    return request.headers
  }

  test.each([
    [null, 'keyway'],
    ['cloudflare; loops=1', 'keyway'],
    ['cloudflare; loops=2, keyway', 'keyway, keyway'],
    ['keyway-like, other;x=keyway', 'keyway'],
  ])('after %j goes on as %j', async (before, after) => {
    expect(await sentTo(before)).toMatchObject({ 'cdn-loop': after, 'x-way': 'y' })
  })

  test.each(['keyway, keyway', 'keyway;a=b,cloudflare, keyway', 'keyway,keyway,keyway'])(
    'after %j goes round no more',
    async (before) => {
      await expect(sentTo(before)).rejects.toMatchObject({ code: 'misconfigured' })
    },
  )
})
