import { expect, test } from 'vitest'
import type { Dependencies } from '../../../src/gateway/dependencies.ts'
import { endpointTarget } from '../../../src/gateway/target/endpoint-target.ts'
import { privateEndpoint } from '../../../src/providers/private-endpoint.ts'
import type { EndpointRecord } from '../../../src/storage/records.ts'

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

const targetWith = (allowedEndpointPorts?: readonly number[]) => {
  const choice = {
    organizationId: 'org_1',
    provider: privateEndpoint(endpoint),
    endpoint,
    ownHost: 'keyway.example.com',
    callerKeys: undefined,
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what an endpoint that is reached by URL touches
  const dependencies = {
    openEndpoint: () => Promise.resolve({ kind: 'endpoint', apiKey: null, headers: {} }),
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
