import { SELF } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { createEndpoint, issueConnectorToken } from '../../src/storage/resources/endpoints.ts'
import type { Tunnel } from '../../src/tunnel/tunnel-fetch.ts'
import { send } from '../routes/management/client.ts'
import { newOrganization, randomBytes, testEnv } from '../storage/world.ts'

/** An endpoint that connectors dial in for, and a token of it. */
export interface TestEndpoint {
  readonly tunnel: Tunnel
  readonly token: string
  /** Issues another token; with `revokeOthers` the only one. */
  readonly issue: (revokeOthers?: boolean) => Promise<string>
}

/** The Worker's own bindings: its `fetch` and these tests look into the same storage. */
export const context = { env: testEnv(), by: 'admin', now: () => new Date(), randomBytes }

export async function newEndpoint(organizationId?: string, name = 'lab'): Promise<TestEndpoint> {
  const organization = organizationId ?? (await newOrganization('Acme', context))
  const { id } = await createEndpoint(context, organization, {
    name,
    base_url: null,
    kind: 'openai-compatible',
    reach: 'connector',
    auth: 'none',
    api_key: null,
    headers: null,
    models: [],
    default_model: null,
    capabilities: {},
    timeouts: {},
  })
  const place = { organizationId: organization, id }
  const issue = async (revokeOthers = false): Promise<string> =>
    (await issueConnectorToken(context, place, revokeOthers)).token
  const tunnel = {
    namespace: env.CONNECTOR,
    organizationId: organization,
    endpointId: id,
    endpointName: name,
  }
  return { tunnel, token: await issue(), issue }
}

/** Asks the endpoint's model as an application would. */
export async function askThrough({ tunnel }: TestEndpoint): Promise<Response> {
  const path = `/${tunnel.organizationId}/api-keys`
  const { body } = await send('POST', path, { name: 'application' })
  return await SELF.fetch('https://keyway.test/v1/chat/completions', {
    method: 'POST',
    headers: { authorization: `Bearer ${String(body['key'])}` },
    body: JSON.stringify({
      model: `byom/${tunnel.endpointName}/phi-4`,
      messages: [{ role: 'user', content: '?' }],
    }),
  })
}

/** A request as the gateway finishes it. */
export function aRequest(init: RequestInit = {}, path = '/v1/chat/completions'): Request {
  return new Request(`https://model.invalid${path}`, {
    method: 'POST',
    body: '{"model":"phi-4"}',
    headers: { 'content-type': 'application/json' },
    ...init,
  })
}

export async function sha256(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).toHex()
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Bytes that differ from place to place: an order that is wrong changes their hash. */
export function pattern(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed + 1
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    bytes[at] = state >>> 16
  }
  return bytes
}
