import { GatewayError } from '../../core/errors.ts'
import type { HeaderValues } from './header-values.ts'

/** The largest body that is accepted: 32 MiB, as the largest of the providers. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024

/** Throws when the body says that it is too large; undefined when it does not say how large it is. */
export function declaredLength(headers: HeaderValues): number | undefined {
  const header = headers.get('content-length')
  if (header === null || headers.has('transfer-encoding')) return undefined
  const length = Number(header)
  if (length > MAX_BODY_BYTES) throw tooLarge()
  return length
}

/** What of a request holds its body. */
export type BodySource = Pick<Request, 'body' | 'arrayBuffer' | 'text'>

/** The whole body. Throws `request_too_large` as soon as there is more of it than is accepted. */
export async function readBody(
  request: BodySource,
  headers: HeaderValues,
): Promise<Uint8Array<ArrayBuffer>> {
  return await unbroken(async () =>
    declaredLength(headers) === undefined
      ? await counted(request)
      : new Uint8Array(await request.arrayBuffer()),
  )
}

/** The whole body as text: read as such by the runtime, where it says how long it is. */
export async function readBodyText(request: BodySource, headers: HeaderValues): Promise<string> {
  return await unbroken(async () =>
    declaredLength(headers) === undefined
      ? new TextDecoder().decode(await counted(request))
      : await request.text(),
  )
}

async function unbroken<Body>(read: () => Promise<Body>): Promise<Body> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof GatewayError) throw error
    // The caller left, or sent less than it had said.
    throw new GatewayError('invalid_request', 'The request body broke off before its end.')
  }
}

async function counted({ body }: BodySource): Promise<Uint8Array<ArrayBuffer>> {
  return body === null ? new Uint8Array(0) : await readAtMost(body, MAX_BODY_BYTES, tooLarge)
}

/** All of a stream; where there is more of it than that, it is let go of, and what `tooMuch` gives is thrown. */
export async function readAtMost(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  tooMuch: () => GatewayError,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > maxBytes) throw tooMuch()
    chunks.push(chunk)
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

function tooLarge(): GatewayError {
  return new GatewayError('request_too_large', 'The request body is larger than 32 MiB.')
}
