import type { Meaning } from './tunnel-sign.ts'

export const BAD_CERTIFICATE: Meaning = {
  code: 'model_unreachable',
  wrong: 'has a certificate that is not accepted',
  remedy:
    'Give the server a certificate of a public authority, or use a tunnel or connector that is told its own authority.',
}

export const NO_SUCH_HOST: Meaning = {
  code: 'model_unreachable',
  wrong: 'has a host name that leads nowhere',
  remedy: 'Correct base_url, or make the tunnel’s DNS record again.',
}

/** What the runtime says when a request got no answer at all, by the name and the words of its error. */
export const FAULT_SIGNS: readonly (readonly [said: RegExp, meaning: Meaning])[] = [
  [
    /^(?:TimeoutError|SilentUpstream)\b/,
    {
      code: 'upstream_timeout',
      wrong: 'gave no sign of life in the time that it is given',
      remedy:
        'The model may still be at work, so do not simply try again. Give it more with timeouts.first_byte_ms or timeouts.idle_ms.',
    },
  ],
  [
    /ProxyError.*dns_error/i,
    {
      code: 'model_unreachable',
      wrong: 'has a tunnel that cannot be used from here',
      remedy: 'Run cloudflared 2025.7.0 or later with the protocol quic.',
    },
  ],
  [/dns|resolve|ENOTFOUND|EAI_AGAIN/i, NO_SUCH_HOST],
  [/certificate|\bTLS\b|\bSSL\b|handshake/i, BAD_CERTIFICATE],
]

export const ANY_FAULT: Meaning = {
  code: 'model_unreachable',
  wrong: 'cannot be reached: the connection was refused, or broke',
  remedy: 'Look whether the model server and its tunnel run.',
  retryAfterSeconds: 5,
}
