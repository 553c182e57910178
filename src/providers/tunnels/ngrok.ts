import type { Meaning, TunnelSign } from './tunnel-sign.ts'

const NGROK_OFFLINE: Meaning = {
  code: 'tunnel_offline',
  wrong: 'is offline: no ngrok agent serves its address',
  remedy: 'Start the agent, with the same URL as in base_url.',
  retryAfterSeconds: 30,
}

const NGROK_WITHOUT_MODEL: Meaning = {
  code: 'model_unreachable',
  wrong: 'has its ngrok agent up, but nothing listens where the agent forwards to',
  remedy: 'Start the model server, and compare its port with the agent’s.',
  retryAfterSeconds: 5,
}

/**
 * ngrok says every failure of its own by a number in a header. Its agent offline is a 404, which is not "no such model".
 * https://ngrok.com/docs/errors/
 */
export const NGROK_SIGNS: readonly TunnelSign[] = [
  {
    name: 'ngrok-offline',
    header: ['ngrok-error-code', /^ERR_NGROK_(?:3200|3204|3208|727|6027)$/],
    meaning: NGROK_OFFLINE,
  },
  {
    name: 'ngrok-without-model',
    header: ['ngrok-error-code', /^ERR_NGROK_80\d\d$/],
    meaning: NGROK_WITHOUT_MODEL,
  },
  {
    name: 'ngrok-warning',
    header: ['ngrok-error-code', /^ERR_NGROK_(?:6024|6022)$/],
    meaning: {
      code: 'tunnel_auth_failed',
      wrong: 'answers with ngrok’s warning page for browsers',
      remedy: 'Give the endpoint the header ngrok-skip-browser-warning: 1.',
    },
  },
  {
    name: 'ngrok-full',
    statuses: [429],
    header: ['ngrok-error-code', /./],
    meaning: {
      code: 'tunnel_saturated',
      wrong: 'is over a limit of its ngrok account',
      remedy: 'Try again later, or look at the limits of the account.',
      retryAfterSeconds: 30,
    },
  },
  {
    name: 'ngrok-refused',
    statuses: [401, 403, 407],
    header: ['ngrok-error-code', /./],
    meaning: {
      code: 'tunnel_auth_failed',
      wrong: 'is refused by a policy of its ngrok endpoint',
      remedy: 'Give the endpoint the headers that the policy wants.',
    },
  },
  {
    name: 'ngrok-without-model',
    statuses: [502, 503, 504],
    header: ['ngrok-error-code', /./],
    meaning: NGROK_WITHOUT_MODEL,
  },
  { name: 'ngrok-offline', header: ['ngrok-error-code', /./], meaning: NGROK_OFFLINE },
  { name: 'ngrok-offline', statuses: [404], text: /ERR_NGROK_3200/, meaning: NGROK_OFFLINE },
]
