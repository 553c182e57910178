import { BAD_CERTIFICATE, NO_SUCH_HOST } from './faults.ts'
import type { Meaning, TunnelSign } from './tunnel-sign.ts'

const ACCESS: Meaning = {
  code: 'tunnel_auth_failed',
  wrong: 'is behind Cloudflare Access, which did not accept the service token',
  remedy:
    'Give the endpoint the headers cf-access-client-id and cf-access-client-secret of a token that has not expired, and let a policy with the action Service Auth (not Allow) include it.',
}

const CHALLENGED: Meaning = {
  code: 'tunnel_auth_failed',
  wrong: 'is behind a check for browsers, which no program passes',
  remedy:
    'Exempt the host name from bot protection, browser checks and firewall rules, or use a connector.',
}

const CLOUDFLARED_OFFLINE: Meaning = {
  code: 'tunnel_offline',
  wrong: 'is offline: no cloudflared of its tunnel is connected',
  remedy:
    'Start cloudflared beside the model; it needs a way out on port 7844, while a connector needs only 443.',
  retryAfterSeconds: 30,
}

const NO_TUNNEL: Meaning = {
  ...CLOUDFLARED_OFFLINE,
  wrong: 'is offline: Cloudflare finds no way to its tunnel or host',
}

const CLOUDFLARED_WITHOUT_MODEL: Meaning = {
  code: 'model_unreachable',
  wrong: 'has its tunnel up, but cloudflared cannot reach the model server',
  remedy:
    'Start the model server, and compare the service in the tunnel’s configuration with its port, http or https, and certificate.',
  retryAfterSeconds: 5,
}

const NO_INGRESS: Meaning = {
  code: 'model_unreachable',
  wrong: 'has its tunnel up, but no ingress rule of cloudflared is for this host name',
  remedy: 'Add a rule for the host name to the tunnel’s configuration.',
}

const EDGE_TIMEOUT: Meaning = {
  code: 'upstream_timeout',
  wrong: 'was silent for longer than Cloudflare waits (120 seconds)',
  remedy:
    'The model may still be at work, so do not simply try again. Use a connector, which has no such limit, or shorter prompts.',
}

const ORIGIN_DOWN: Meaning = {
  code: 'model_unreachable',
  wrong: 'has an address whose server cannot be reached from Cloudflare',
  remedy: 'Start the server, and let Cloudflare’s addresses through its firewall.',
  retryAfterSeconds: 5,
}

/**
 * Cloudflare's edge, its Access, and cloudflared.
 * https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
 * https://developers.cloudflare.com/fundamentals/reference/error-responses/
 * https://developers.cloudflare.com/cloudflare-one/access-controls/service-credentials/service-tokens/
 */
export const CLOUDFLARE_SIGNS: readonly TunnelSign[] = [
  {
    name: 'access-login',
    header: ['location', /cloudflareaccess\.com|\/cdn-cgi\/access\//i],
    meaning: ACCESS,
  },
  {
    name: 'access-refused',
    statuses: [401, 403],
    header: ['www-authenticate', /cloudflare[- ]access/i],
    meaning: ACCESS,
  },
  {
    name: 'access-refused',
    statuses: [401, 403],
    header: ['cf-access-domain', /./],
    meaning: ACCESS,
  },
  { name: 'access-refused', statuses: [401, 403], header: ['cf-access-aud', /./], meaning: ACCESS },
  {
    name: 'access-refused',
    statuses: [401, 403],
    text: /cloudflare access|cloudflareaccess\.com/i,
    meaning: ACCESS,
  },
  { name: 'challenge', header: ['cf-mitigated', /challenge/i], meaning: CHALLENGED },
  {
    name: 'firewall',
    statuses: [403],
    cloudflareCodes: [1005, 1006, 1007, 1008, 1009, 1010, 1012, 1020],
    meaning: CHALLENGED,
  },
  { name: 'cloudflared-offline', cloudflareCodes: [1033], meaning: CLOUDFLARED_OFFLINE },
  { name: 'no-such-host', cloudflareCodes: [1001, 1016], meaning: NO_SUCH_HOST },
  {
    name: 'quick-tunnel-full',
    statuses: [429],
    host: /\.trycloudflare\.com$/,
    body: 'not-json',
    meaning: {
      code: 'tunnel_saturated',
      wrong: 'has a quick tunnel that carries its most, 200 requests at once',
      remedy: 'Try again, or use a named tunnel or a connector; quick tunnels are for trying out.',
      retryAfterSeconds: 5,
    },
  },
  {
    name: 'edge-rate-limit',
    statuses: [429],
    cloudflareCodes: [1015, 1027],
    meaning: {
      code: 'tunnel_saturated',
      wrong: 'is behind a rate limit of Cloudflare’s',
      remedy: 'Try again, or exempt the host name from the rule.',
      retryAfterSeconds: 10,
    },
  },
  {
    name: 'cloudflared-without-model',
    statuses: [502],
    text: /unable to reach the origin service/i,
    meaning: CLOUDFLARED_WITHOUT_MODEL,
  },
  {
    name: 'cloudflared-without-model',
    statuses: [502],
    cloudflareCodes: [502],
    meaning: CLOUDFLARED_WITHOUT_MODEL,
  },
  {
    name: 'cloudflared-without-model',
    statuses: [502],
    cloudflare: true,
    body: 'not-json',
    meaning: CLOUDFLARED_WITHOUT_MODEL,
  },
  // What `service: http_status:503` answers, and cloudflared where it has no rules at all.
  {
    name: 'no-ingress',
    statuses: [503],
    cloudflare: true,
    body: 'empty',
    meaning: NO_INGRESS,
  },
  { name: 'edge-timeout', statuses: [524], meaning: EDGE_TIMEOUT },
  { name: 'edge-timeout', statuses: [504], cloudflareCodes: [504], meaning: EDGE_TIMEOUT },
  { name: 'bad-certificate', statuses: [525, 526], meaning: BAD_CERTIFICATE },
  { name: 'origin-down', statuses: [520, 521, 522, 523], meaning: ORIGIN_DOWN },
  { name: 'cloudflare-failed', statuses: [530], meaning: NO_TUNNEL },
]
