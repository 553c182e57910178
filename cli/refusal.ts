import { isObject, tryParseJson } from '../src/core/parse.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { Failure } from './failure.ts'
import { textOf } from './json.ts'

/** An answer that is not a success, as the failure it means. */
export async function refusal(response: Response, url: string): Promise<Failure> {
  const { status, headers } = response
  const body = tryParseJson(await response.text())
  const error = isObject(body) ? body['error'] : undefined
  if (!isObject(error) || status < 400) return notKeyway(url, status)
  const advice = ADVICE[status]
  return new Failure(exitCodeOf(status), textOf(error, 'message') || `It answered ${status}.`, {
    status,
    code: textOf(error, 'code'),
    param: textOf(error, 'param'),
    requestId: headers.get('x-keyway-request-id') ?? '',
    ...(advice === undefined ? {} : { advice }),
  })
}

/** Something answered, but not as Keyway would. */
export function notKeyway(url: string, status: number): Failure {
  const what = status >= 300 && status < 400 ? 'answers with a redirect' : `answers ${status}`
  return new Failure(EXIT.unreachable, `${url} ${what} and does not speak like Keyway.`, {
    advice:
      'Is the address right? It is the origin alone, such as https://keyway.example.workers.dev.',
    status,
  })
}

function exitCodeOf(status: number): ExitCode {
  if (status === 401) return EXIT.unauthenticated
  return status >= 500 ? EXIT.serverFailed : EXIT.refused
}

const ADVICE: Readonly<Record<number, string>> = {
  401: 'Set KEYWAY_TOKEN (or --token-env, --token-file) to the ADMIN_TOKEN or a management token; keyway doctor looks closer.',
  403: 'This token may not do that: keyway tokens list shows roles, and an owner can make another.',
  412: 'Somebody changed it in the meantime. Look at it again, then repeat.',
  429: 'Wait a moment and repeat.',
  500: 'Repeat it, or look at the log of the Worker for the request id.',
}
