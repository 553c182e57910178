import { expect, test } from 'vitest'
import { tokensOfNative } from '../../../src/gateway/caller/request-tokens.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const bytes = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length)

test.each([
  ['a stream that says how long it is', JSON_TYPE, { 'content-length': '400' }, 'stream', 100],
  // Whoever sends a body in pieces does not pay less.
  ['a body that was read since it does not', JSON_TYPE, {}, bytes(400), 100],
  ['a body that was read', JSON_TYPE, { 'content-length': '400' }, bytes(400), 100],
  ['no body', JSON_TYPE, {}, null, 0],
  ['what is not JSON', { 'content-type': 'image/png' }, {}, bytes(400), 0],
  ['files', JSON_TYPE, {}, bytes(1_000_000), 16_384],
] as const)('%s counts', (_, type, length, body, tokens) => {
  const headers = new Headers({ ...type, ...length })
  const sent = body === 'stream' ? new ReadableStream() : body
  expect(tokensOfNative({ method: 'POST' }, headers, sent)).toBe(tokens)
  expect(tokensOfNative({ method: 'GET' }, headers, sent)).toBe(0)
})
