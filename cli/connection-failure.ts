import { EXIT } from './exit-codes.ts'
import { Failure } from './failure.ts'

/** Why a request got no answer, and whether another attempt could. */
export interface BrokenConnection {
  readonly failure: Failure
  readonly canHelp: boolean
}

/** What `fetch` threw, in words for people. */
export function brokenConnection(error: unknown, url: string): BrokenConnection {
  const code = codeOf(error)
  const [reason, advice, canHelp = true] = REASONS[code] ??
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
  TimeoutError: ['URL did not answer in time.', 'Try again; keyway doctor looks closer.', false],
}

function certificateReason(code: string): Reason | undefined {
  if (!/CERT|SSL|TLS|SIGNATURE/.test(code)) return undefined
  return [
    `The certificate of URL is not trusted (${code}).`,
    'If its authority is your own, name its file in NODE_EXTRA_CA_CERTS.',
    false,
  ]
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if (error.name === 'TimeoutError') return error.name
  const { cause } = error
  // Both addresses of a name were tried: the first error stands for them.
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause
  return first instanceof Error && 'code' in first ? String(first.code) : ''
}
