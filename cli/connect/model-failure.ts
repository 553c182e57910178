import type { Target } from './target.ts'

/** Why the model server cannot be asked, and what to do. Names the target, nothing of a request. */
export interface ModelFailure {
  readonly message: string
  readonly advice: string
}

/** What Node's client said, in words for people. */
export function modelFailure(error: unknown, { origin, isEncrypted }: Target): ModelFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const known =
    REASONS[code] ?? (/CERT|SELF_SIGNED|ISSUER|SIGNATURE/.test(code) ? UNTRUSTED : undefined)
  if (known) return { message: known[0].replace('URL', origin), advice: known[1] }
  if (/SSL|TLS|EPROTO/.test(code)) {
    return { message: `${origin} does not speak TLS (${code}).`, advice: 'Try --target http://…' }
  }
  return {
    message: `The connection to ${origin} broke${code === '' ? '' : ` (${code})`}.`,
    advice: isEncrypted ? 'Look at the log of the model server.' : 'Does it want https?',
  }
}

type Reason = readonly [message: string, advice: string]

const WHERE = 'Start the model server, or say where it is with --target.'

const UNTRUSTED: Reason = [
  'The certificate of URL is not trusted.',
  'Name the file of its authority with --ca, for Foundry Local and Edge RAG the ca.crt of the cluster.',
]

const REASONS: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: ['Nothing listens at URL.', WHERE],
  ENOTFOUND: ['There is no host of the name in URL.', WHERE],
  EAI_AGAIN: [
    'The host in URL could not be looked up.',
    'Does this machine reach its name server?',
  ],
  ETIMEDOUT: [
    'URL did not take a connection in time.',
    'Is a firewall or a NetworkPolicy between?',
  ],
  NO_ANSWER: [
    'URL takes connections, and did not answer in time.',
    'Look at the log of the model server.',
  ],
  EHOSTUNREACH: ['There is no way to URL.', 'Is a firewall or a NetworkPolicy between?'],
  ENETUNREACH: ['There is no way to URL.', 'Is a firewall or a NetworkPolicy between?'],
  EFORBIDDEN: ['URL leads to a link-local address, which is never called.', WHERE],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'The certificate of URL is for another name.',
    'Use the name that it is for in --target; a line in the hosts file can point it to the address.',
  ],
  HPE_INVALID_CONSTANT: ['URL does not answer in HTTP.', WHERE],
}
