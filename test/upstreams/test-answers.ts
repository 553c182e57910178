import { EventStreamCodec } from '@smithy/eventstream-codec'
import type { ProviderName } from './provider-name.ts'
import type { Posting } from './test-posts.ts'

/** An object that was JSON. */
export type Json = Record<string, unknown>

/** A whole answer. */
export async function wholeAnswer(
  posting: Posting,
  provider: ProviderName,
  body: object,
  path = '',
): Promise<Json> {
  return JSON.parse((await posting.post(provider, body, path)).text) as Json
}

/** The data of the events of a streamed answer, without the last word of those that have one. */
export async function streamedEvents(
  posting: Posting,
  provider: ProviderName,
  body: object,
  path = '',
): Promise<Json[]> {
  const { text } = await posting.post(provider, body, path)
  return text
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)) as Json)
}

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString(),
  (text) => Buffer.from(text),
)

/** The events of a stream of AWS's, without their padding. */
export async function streamedFrames(
  posting: Posting,
  path: string,
  body: object,
): Promise<[type: string, payload: Json][]> {
  const response = await posting.send('bedrock', body, path)
  let rest = Buffer.from(await response.arrayBuffer())
  const found: [string, Json][] = []
  while (rest.length > 0) {
    const length = rest.readUInt32BE(0)
    const { headers, body: payload } = codec.decode(rest.subarray(0, length))
    const { p: _, ...members } = JSON.parse(Buffer.from(payload).toString()) as Json
    found.push([String((headers[':event-type'] ?? headers[':exception-type'])?.value), members])
    rest = rest.subarray(length)
  }
  return found
}
