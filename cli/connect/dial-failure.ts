import type { IncomingMessage } from 'node:http'
import { isObject, tryParseJson } from '../../src/core/parse.ts'
import { SUBPROTOCOL } from '../../src/tunnel/limits.ts'
import { brokenConnection } from '../connection-failure.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { textOf } from '../json.ts'

/** Why a connection to Keyway did not come about. */
export interface DialFailure {
  readonly failure: Failure
  /** Trying again as things are cannot help. */
  readonly isFinal: boolean
}

/** What the WebSocket client threw: nothing answered, or something that speaks in another way. */
export function dialError(error: unknown, url: string): DialFailure {
  // The client's own words for an answer that is not what RFC 6455 §4.1 demands.
  if (
    error instanceof Error &&
    !('code' in error) &&
    /handshake has timed out/.test(error.message)
  ) {
    return again(`${url} did not answer in time.`, 'Is a proxy or a firewall between?')
  }
  if (error instanceof Error && !('code' in error) && /server|header/i.test(error.message)) {
    return again(
      `${url} answers, but not as Keyway would.`,
      'Is a proxy between that has no WebSockets?',
    )
  }
  // The same errors as those of `fetch`, which wraps them.
  const { failure } = brokenConnection(new Error('No connection', { cause: error }), url)
  return { failure, isFinal: false }
}

/** An HTTP answer where a WebSocket should have been. */
export async function dialRefusal(response: IncomingMessage, url: string): Promise<DialFailure> {
  const status = response.statusCode ?? 0
  const body = tryParseJson(await beginningOf(response))
  const error = isObject(body) ? body['error'] : undefined
  if (!isObject(error)) {
    return again(`${url} answers ${status}, and does not speak like Keyway.`, WRONG_ADDRESS)
  }
  const spoken = (response.headers['sec-websocket-protocol'] ?? '').split(/[\s,]+/)
  if (status === 426 && spoken.includes(SUBPROTOCOL)) {
    return again(
      `The way to ${url} takes WebSockets out: Keyway was asked for a page.`,
      'A proxy or firewall between must let the headers Upgrade and Connection pass.',
    )
  }
  const said = textOf(error, 'message') || `It answered ${status}.`
  const known = FINAL[status]
  const failure = new Failure(known?.exitCode ?? EXIT.serverFailed, said, {
    status,
    code: textOf(error, 'code'),
    ...(known === undefined ? {} : { advice: known.advice }),
  })
  return { failure, isFinal: known !== undefined }
}

/** What was said of an answer, as far as it may matter and until it breaks off. */
async function beginningOf(response: IncomingMessage): Promise<string> {
  let text = ''
  try {
    for await (const part of response.setEncoding('utf8')) {
      text += part
      if (text.length >= MAX_BODY) break
    }
  } catch {
    // The status says enough.
  }
  return text
}

const NEW_TOKEN = 'keyway endpoints connector-token NAME makes another.'

/** docs/tunnel.md, "Dialling in": the answers after which only somebody's help helps. */
const FINAL: Readonly<Record<number, { readonly exitCode: ExitCode; readonly advice: string }>> = {
  401: { exitCode: EXIT.unauthenticated, advice: NEW_TOKEN },
  403: {
    exitCode: EXIT.refused,
    advice: `Is it the token of the endpoint of --endpoint? ${NEW_TOKEN}`,
  },
  426: {
    exitCode: EXIT.refused,
    advice: 'Update this program: Keyway speaks a newer tunnel protocol.',
  },
}

const MAX_BODY = 64 * 1024

const WRONG_ADDRESS = 'Set KEYWAY_URL or --url to the origin of the Worker, with no path.'

function again(message: string, advice: string): DialFailure {
  return { failure: new Failure(EXIT.unreachable, message, { advice }), isFinal: false }
}
