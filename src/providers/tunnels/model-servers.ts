import type { Meaning, TunnelSign } from './tunnel-sign.ts'

const LOGIN: Meaning = {
  code: 'tunnel_auth_failed',
  wrong: 'sends its callers to a login page',
  remedy: 'Give the endpoint the headers with which programs pass what stands before the model.',
}

const HOST_REFUSED: Meaning = {
  code: 'model_unreachable',
  wrong: 'has a model server that refuses requests by this host name',
  remedy:
    'Let the tunnel send the model server its own name as Host: httpHostHeader of cloudflared, --host-header of ngrok. A connector does so by itself.',
}

/** What model servers, and whatever else stands before them, answer to requests that they do not understand as such. */
export const MODEL_SERVER_SIGNS: readonly TunnelSign[] = [
  {
    name: 'login',
    header: ['location', /\/(?:login|log-in|signin|sign-in|oauth2?|authorize|saml2?)\b/i],
    meaning: LOGIN,
  },
  // Ollama has no more words than these for a Host or an Origin that it does not know.
  { name: 'host-refused', statuses: [403], body: 'empty', meaning: HOST_REFUSED },
  {
    name: 'host-refused',
    statuses: [400, 403, 421],
    text: /invalid host|host header|host\b.{0,100}\bnot allowed/i,
    meaning: HOST_REFUSED,
  },
  {
    name: 'wrong-scheme',
    statuses: [400],
    text: /http request (?:was sent )?to (?:an )?https (?:port|server)/i,
    meaning: {
      code: 'model_unreachable',
      wrong: 'has a model server that speaks https, and its tunnel calls it by http',
      remedy: 'Use https:// in the tunnel’s configuration, or in the connector’s --target.',
    },
  },
  {
    name: 'wrong-path',
    statuses: [404, 405],
    body: 'not-json',
    meaning: {
      code: 'model_unreachable',
      wrong: 'has a server that knows no such path',
      remedy:
        'Let base_url be what stands before /chat/completions; with most servers it ends in /v1.',
    },
  },
  {
    name: 'gateway-without-model',
    statuses: [502, 504],
    body: 'page',
    meaning: {
      code: 'model_unreachable',
      wrong: 'has a proxy that does not reach the model server',
      remedy: 'Start the model server, and look at the proxy’s log.',
      retryAfterSeconds: 5,
    },
  },
  {
    name: 'page',
    body: 'page',
    statuses: [200, 401, 403, 511],
    meaning: {
      code: 'tunnel_auth_failed',
      wrong: 'answers with a web page and not with the model’s words',
      remedy:
        'Something stands before the model: a login, a warning, or another site. Look at the address in a browser.',
    },
  },
]
