import { EXIT } from './exit-codes.ts'
import { Failure } from './failure.ts'

/** Why a request got no answer, and whether another attempt could. */
export interface BrokenConnection {
  readonly failure: Failure
  readonly canHelp: boolean
}

/** What `fetch` threw, in words for people. */
export function brokenConnection(error: unknown, url: string): BrokenConnection {
  const cause = causeOf(error)
  const code = codeOf(cause)
  const [reason, advice, canHelp = true] = proxyReason(cause, code, url) ??
    REASONS[code] ??
    certificateReason(code) ?? [
      `The connection to URL broke${code === '' ? '' : ` (${code})`}.`,
      'Try again; keyway doctor looks closer.',
    ]
  const message = reason.replace('URL', url)
  return { failure: new Failure(EXIT.unreachable, message, { advice }), canHelp }
}

type Reason = readonly [message: string, advice: string, canHelp?: boolean]

const SET_URL = 'Set KEYWAY_URL or --url to where Keyway is; npm start runs one on this machine.'

const REASONS: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: ['Nothing listens at URL.', SET_URL, false],
  ENOTFOUND: ['There is no host of the name in URL.', SET_URL, false],
  EAI_AGAIN: ['The host in URL could not be looked up.', 'Is this machine connected?'],
  CERT_HAS_EXPIRED: [
    'The certificate of URL has expired.',
    'It must be renewed there. Or is the clock of this machine wrong?',
    false,
  ],
  CERT_NOT_YET_VALID: [
    'The certificate of URL is not valid yet.',
    'Is the clock of this machine wrong?',
    false,
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: ['The certificate of URL is for another name.', SET_URL, false],
  TimeoutError: ['URL did not answer in time.', 'Try again; keyway doctor looks closer.', false],
}

function proxyReason(cause: unknown, code: string, url: string): Reason | undefined {
  if (isOfAnother(cause, new URL(url))) {
    return [`The proxy of HTTPS_PROXY is not reached (${code}).`, 'Is its address right?', false]
  }
  if (!code.startsWith('ERR_PROXY_')) return undefined
  return [
    `The proxy of HTTPS_PROXY does not lead to URL (${code}).`,
    'Does it let this host pass, and does it want a name and password (http://NAME:PASSWORD@HOST:PORT)?',
  ]
}

function certificateReason(code: string): Reason | undefined {
  if (!/CERT|SSL|TLS|SIGNATURE/.test(code)) return undefined
  return [
    `The certificate of URL is not trusted (${code}).`,
    'If its authority is your own, name its file in NODE_EXTRA_CA_CERTS.',
    false,
  ]
}

/** Whether another host or port was asked than that of the address, as only a proxy can be. */
function isOfAnother(cause: unknown, { hostname, port, protocol }: URL): boolean {
  if (!(cause instanceof Error)) return false
  if ('hostname' in cause) return cause.hostname !== hostname
  return 'port' in cause && cause.port !== (Number(port) || (protocol === 'https:' ? 443 : 80))
}

/** What broke, where `fetch` only says that something did. */
function causeOf(error: unknown): unknown {
  if (!(error instanceof Error) || error.name === 'TimeoutError') return error
  const { cause } = error
  // Both addresses of a name were tried: the first error stands for them.
  return cause instanceof AggregateError ? cause.errors[0] : cause
}

function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return ''
  if (cause.name === 'TimeoutError') return cause.name
  return 'code' in cause ? String(cause.code) : ''
}
