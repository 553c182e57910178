import type { Meaning } from './tunnel-sign.ts'

/** How a call through a connector can end, by the code of its RESET (docs/tunnel.md) or in the gateway's own words. */
export const CONNECTOR_SIGNS = {
  offline: {
    code: 'tunnel_offline',
    wrong: 'is offline: no connector is connected',
    remedy: 'Start keyway connect beside the model; with --check it says what is wrong.',
    retryAfterSeconds: 10,
  },
  draining: {
    code: 'tunnel_offline',
    wrong: 'is going offline: its connector shuts down',
    remedy: 'Start it again, or run two, so that one stays.',
    retryAfterSeconds: 5,
  },
  saturated: {
    code: 'tunnel_saturated',
    wrong: 'has as many calls under way as its connectors take',
    remedy: 'Try again, or run more connectors, or let them take more at once.',
    retryAfterSeconds: 2,
  },
  refused: {
    code: 'not_found',
    wrong: 'has a connector that lets no such request through',
    remedy: 'Call one of the paths that it allows.',
  },
  model_unreachable: {
    code: 'model_unreachable',
    wrong: 'has its connector online, but the connector cannot reach the model server',
    remedy: 'Start the model server, or correct the connector’s --target.',
    retryAfterSeconds: 5,
  },
  model_failed: {
    code: 'upstream_error',
    wrong: 'has a model server that broke off in the middle of its work',
    remedy: 'Look at the log of the model server: it may have run out of memory.',
    retryAfterSeconds: 2,
    mayHaveRun: true,
  },
  model_timeout: {
    code: 'upstream_timeout',
    wrong: 'has a model that took longer than its connector waits',
    remedy: 'The model may still be at work, so do not simply try again.',
    mayHaveRun: true,
  },
  disconnected: {
    code: 'tunnel_disconnected',
    wrong: 'lost its connector in the middle of the call',
    remedy: 'Nothing of the answer can be asked for again; send the request anew.',
    retryAfterSeconds: 2,
    mayHaveRun: true,
  },
} as const satisfies Record<string, Meaning>
