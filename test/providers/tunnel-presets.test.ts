import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/core/errors.ts'
import { headersOfPreset, type WayThere } from '../../src/providers/tunnels/apply-preset.ts'
import {
  TUNNEL_PRESETS,
  type TunnelPresetName,
  TUNNEL_PRESET_NAMES,
} from '../../src/providers/tunnels/presets.ts'

const ANYWHERE = 'https://models.example.com/v1'
const DEV_TUNNEL = 'https://abc123-8080.euw.devtunnels.ms/v1'
const RELAY = 'https://acme.servicebus.windows.net/models/v1'

const ID = { 'cf-access-client-id': '0123456789abcdef.access' }
const SECRET = { 'cf-access-client-secret': 'canary0123456789' }
const DEV = { 'x-tunnel-authorization': 'tunnel canary.e30.x' }
const SAS = { servicebusauthorization: 'SharedAccessSignature sr=a&sig=canary%3d&se=1&skn=send' }

const way = (headers: WayThere['headers'], base_url: string | undefined = ANYWHERE): WayThere => ({
  reach: 'url',
  base_url,
  headers,
})

function refusal(name: TunnelPresetName, there: WayThere): GatewayError {
  try {
    headersOfPreset(name, there)
  } catch (error) {
    if (error instanceof GatewayError) return error
  }
  throw new Error('it was not refused')
}

test('all presets can be named', () => {
  expect([...TUNNEL_PRESET_NAMES].toSorted()).toEqual(Object.keys(TUNNEL_PRESETS).toSorted())
})

describe('a preset', () => {
  test.each<[TunnelPresetName, WayThere, object]>([
    ['cloudflare-access', way({ ...ID, ...SECRET, 'x-more': '1' }), { 'x-more': '1' }],
    ['ngrok', way(null), { 'ngrok-skip-browser-warning': '1' }],
    ['ngrok', way({ 'ngrok-skip-browser-warning': 'true' }), {}],
    ['dev-tunnels', way(DEV, DEV_TUNNEL), {}],
    ['dev-tunnels', { ...way(DEV), reach: undefined, base_url: undefined }, {}],
    ['azure-relay', way(SAS, RELAY), {}],
    ['azure-relay', way({ servicebusauthorization: 'Bearer canary' }, RELAY), {}],
    ['plain', way(null), {}],
  ])('%s takes %j and adds what is the same for everyone', (name, there, added) => {
    expect(headersOfPreset(name, there)).toEqual({ ...added, ...there.headers })
  })

  test.each<[TunnelPresetName, WayThere, string, RegExp]>([
    [
      'cloudflare-access',
      way(null),
      'headers',
      /cf-access-client-id and cf-access-client-secret for cloudflare-access/,
    ],
    ['cloudflare-access', way(ID), 'headers', /must have cf-access-client-secret for/],
    [
      'cloudflare-access',
      way({ ...SECRET, 'cf-access-client-id': 'CF-Access-Client-Id: canary.access' }),
      'headers',
      /cf-access-client-id must be the Client ID/,
    ],
    [
      'cloudflare-access',
      way({ ...SECRET, 'cf-access-client-id': 'canary' }),
      'headers',
      /which ends in \.access/,
    ],
    [
      'cloudflare-access',
      way({ ...ID, 'cf-access-client-secret': 'CF-Access-Client-Secret: canary' }),
      'headers',
      /cf-access-client-secret must be/,
    ],
    ['dev-tunnels', way({}, DEV_TUNNEL), 'headers', /must have x-tunnel-authorization/],
    [
      'dev-tunnels',
      way({ 'x-tunnel-authorization': 'canary' }, DEV_TUNNEL),
      'headers',
      /must be the word tunnel/,
    ],
    ['dev-tunnels', way(DEV), 'base_url', /devtunnels\.ms for dev-tunnels/],
    ['dev-tunnels', way(DEV, `${ANYWHERE}/a.devtunnels.ms`), 'base_url', /devtunnels\.ms/],
    ['azure-relay', way({}, RELAY), 'headers', /must have servicebusauthorization/],
    [
      'azure-relay',
      way({ servicebusauthorization: 'ServiceBusAuthorization: canary' }, RELAY),
      'headers',
      /right Send/,
    ],
    ['azure-relay', way(SAS), 'base_url', /servicebus\.windows\.net for azure-relay/],
    ['ngrok', way(undefined), 'headers', /go along with preset/],
    ['ngrok', { ...way(null), reach: 'connector' }, 'preset', /reached by url/],
  ])('%s refuses %j', (name, there, param, message) => {
    const error = refusal(name, there)
    expect(error).toMatchObject({ code: 'invalid_request', details: { param } })
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('canary')
  })
})
