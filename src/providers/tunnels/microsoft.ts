import type { Meaning, TunnelSign } from './tunnel-sign.ts'

const RELAY_OFFLINE: Meaning = {
  code: 'tunnel_offline',
  wrong: 'is offline: no listener is connected to its hybrid connection',
  remedy: 'Start the listener beside the model, and look whether it can reach the model server.',
  retryAfterSeconds: 30,
}

/**
 * Azure Relay's hybrid connections, and dev tunnels.
 * https://learn.microsoft.com/azure/azure-relay/relay-hybrid-connections-protocol
 * https://learn.microsoft.com/azure/developer/dev-tunnels/security
 */
export const MICROSOFT_SIGNS: readonly TunnelSign[] = [
  {
    name: 'relay-offline',
    statuses: [502, 404],
    host: /\.servicebus\.\w/,
    body: 'not-json',
    meaning: RELAY_OFFLINE,
  },
  {
    name: 'relay-refused',
    statuses: [401, 403],
    host: /\.servicebus\.\w/,
    body: 'not-json',
    meaning: {
      code: 'tunnel_auth_failed',
      wrong: 'is refused by Azure Relay',
      remedy:
        'Put a token with the right Send, which ends after a while, in the header servicebusauthorization.',
    },
  },
  {
    name: 'relay-timeout',
    statuses: [504],
    host: /\.servicebus\.\w/,
    meaning: {
      code: 'upstream_timeout',
      wrong: 'was silent for longer than Azure Relay waits (60 seconds)',
      remedy:
        'The model may still be at work, so do not simply try again. Use a connector, which has no such limit.',
    },
  },

  {
    name: 'dev-tunnel-refused',
    statuses: [401, 403],
    host: /\.devtunnels\.ms$/,
    body: 'not-json',
    meaning: {
      code: 'tunnel_auth_failed',
      wrong: 'is refused by its dev tunnel',
      remedy:
        'Put "tunnel" and a token with the scope connect, which ends after a day, in the header x-tunnel-authorization.',
    },
  },
  {
    name: 'dev-tunnel-offline',
    statuses: [404],
    host: /\.devtunnels\.ms$/,
    body: 'not-json',
    meaning: {
      code: 'tunnel_offline',
      wrong: 'is offline: nobody hosts its dev tunnel, or not this port',
      remedy: 'Start devtunnel host beside the model.',
      retryAfterSeconds: 30,
    },
  },
  {
    name: 'dev-tunnel-without-model',
    statuses: [502, 503, 504],
    host: /\.devtunnels\.ms$/,
    body: 'not-json',
    meaning: {
      code: 'model_unreachable',
      wrong: 'has its dev tunnel up, but the model server does not answer behind it',
      remedy: 'Start the model server, and compare the tunnel’s port and protocol with its.',
      retryAfterSeconds: 5,
    },
  },
]
