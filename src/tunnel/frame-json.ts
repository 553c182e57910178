import { isObject, type JsonObject, tryParseJson } from '../core/parse.ts'
import {
  DEFAULT_CONCURRENT,
  DEFAULT_WINDOW_BYTES,
  MAX_PERIOD_MS,
  MAX_WINDOW_BYTES,
  MIN_PERIOD_MS,
  MIN_WINDOW_BYTES,
} from './limits.ts'
import { ProtocolError } from './protocol-error.ts'

/** What the JSON payloads of frames say. Members that are not known are ignored, so that more can be said later. */

/** What a connector says of itself. */
export interface Hello {
  /** Program and version: `keyway/0.1.0`. */
  readonly agent: string
  /** The most calls that it takes at once. */
  readonly max_concurrent: number
  /** What it lets the gateway send on each stream before it has taken any of it. */
  readonly window: number
  /** What is shown to administrators as the place it leads to; nothing secret. */
  readonly target?: string
  /** The models it found there. */
  readonly models?: readonly string[]
}

/** What the gateway answers. Calls come only after it. */
export interface Welcome {
  /** The connection's id, for logs on both sides. */
  readonly connection: string
  /** The most calls that will come at once: what HELLO said, or less. */
  readonly max_concurrent: number
  /** What the gateway lets the connector send on each stream before it has taken any of it. */
  readonly window: number
  readonly ping_ms: number
  readonly alive_ms: number
}

/** Names in lower case, in order; a name may come more than once. */
export type HeaderPairs = readonly (readonly [name: string, value: string])[]

export interface RequestHead {
  readonly method: string
  /** Begins with a slash; with its query. Where it leads to is the connector's own knowledge. */
  readonly path: string
  readonly headers: HeaderPairs
}

export interface ResponseHead {
  /** 200 to 599. */
  readonly status: number
  readonly headers: HeaderPairs
}

/** Why a stream or a connection ends. */
export interface Notice {
  /** One of `ResetCode`, or one of a later version: treat those as `internal_error`. */
  readonly code: string
  /** For the people who run the connector and the gateway; never shown to callers. */
  readonly message?: string
}

/**
 * Why a stream ended before its answer did. `cancelled` comes from the gateway: nobody waits for the answer any more. The
 * others come from a connector. `refused`: it does not do such requests (method, path). `saturated` and `draining`: it
 * takes no more calls now. `model_unreachable`: nothing was sent to the model. `model_failed`: the model broke off.
 */
export type ResetCode =
  | 'cancelled'
  | 'refused'
  | 'saturated'
  | 'draining'
  | 'model_unreachable'
  | 'model_failed'
  | 'model_timeout'
  | 'internal_error'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const METHOD = /^[A-Z]{1,20}$/
/** No spaces, no control characters, nothing outside ASCII. */
const PATH = /^\/[\x21-\x7e]{0,8191}$/
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]{1,200}$/
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
const MAX_HEADERS = 200
const CODE = /^[a-z_]{1,40}$/
const MAX_MESSAGE = 500
const MAX_NAME = 128
const MAX_MODELS = 32

/** Whether a request's head is one that every connector takes. */
export function isRequestHead({ method, path, headers }: RequestHead): boolean {
  return METHOD.test(method) && PATH.test(path) && headers.length <= MAX_HEADERS
}

/** Whether a header is one that the other side takes. */
export function isHeader(name: string, value: string): boolean {
  return HEADER_NAME.test(name) && HEADER_VALUE.test(value)
}

/** @throws {ProtocolError} */
export function parseHello(payload: Uint8Array): Hello {
  const json = objectIn('hello', payload)
  const { target, models } = json
  return {
    agent: text('hello.agent', json['agent'], MAX_NAME),
    max_concurrent: whole('hello.max_concurrent', json['max_concurrent'] ?? DEFAULT_CONCURRENT, 1),
    window: windowBytes('hello.window', json['window'] ?? DEFAULT_WINDOW_BYTES),
    ...(target === undefined ? {} : { target: text('hello.target', target, MAX_NAME) }),
    ...(models === undefined ? {} : { models: names('hello.models', models) }),
  }
}

/** @throws {ProtocolError} */
export function parseWelcome(payload: Uint8Array): Welcome {
  const json = objectIn('welcome', payload)
  return {
    connection: text('welcome.connection', json['connection'], MAX_NAME),
    max_concurrent: whole('welcome.max_concurrent', json['max_concurrent'], 1),
    window: windowBytes('welcome.window', json['window']),
    ping_ms: periodMs('welcome.ping_ms', json['ping_ms']),
    alive_ms: periodMs('welcome.alive_ms', json['alive_ms']),
  }
}

/** @throws {ProtocolError} */
export function parseRequestHead(payload: Uint8Array): RequestHead {
  const { method, path, headers } = objectIn('request', payload)
  if (typeof method !== 'string' || !METHOD.test(method)) throw wrong('request.method')
  if (typeof path !== 'string' || !PATH.test(path)) throw wrong('request.path')
  return { method, path, headers: headerPairs('request.headers', headers) }
}

/** @throws {ProtocolError} */
export function parseResponseHead(payload: Uint8Array): ResponseHead {
  const json = objectIn('response', payload)
  const status = whole('response.status', json['status'], 200, 599)
  return { status, headers: headerPairs('response.headers', json['headers']) }
}

/** @throws {ProtocolError} */
export function parseNotice(payload: Uint8Array): Notice {
  const { code, message } = objectIn('notice', payload)
  if (typeof code !== 'string' || !CODE.test(code)) throw wrong('notice.code')
  if (message === undefined) return { code }
  if (typeof message !== 'string') throw wrong('notice.message')
  return { code, message: message.slice(0, MAX_MESSAGE) }
}

function objectIn(what: string, payload: Uint8Array): JsonObject {
  let json: unknown
  try {
    json = tryParseJson(decoder.decode(payload))
  } catch {
    throw new ProtocolError(`${what} is not UTF-8`)
  }
  if (!isObject(json)) throw new ProtocolError(`${what} is not a JSON object`)
  return json
}

function wrong(member: string): ProtocolError {
  return new ProtocolError(`${member} is wrong or missing`)
}

function text(member: string, value: unknown, maxLength: number): string {
  if (typeof value !== 'string' || value === '' || value.length > maxLength) throw wrong(member)
  return value
}

function whole(member: string, value: unknown, least: number, most = Infinity): number {
  const isWhole = typeof value === 'number' && Number.isSafeInteger(value)
  if (!isWhole || value < least || value > most) throw wrong(member)
  return value
}

function periodMs(member: string, value: unknown): number {
  return whole(member, value, MIN_PERIOD_MS, MAX_PERIOD_MS)
}

function windowBytes(member: string, value: unknown): number {
  return whole(member, value, MIN_WINDOW_BYTES, MAX_WINDOW_BYTES)
}

function names(member: string, value: unknown): string[] {
  if (!Array.isArray(value)) throw wrong(member)
  return value.slice(0, MAX_MODELS).map((name: unknown) => text(member, name, MAX_NAME))
}

function headerPairs(member: string, value: unknown): HeaderPairs {
  if (!Array.isArray(value) || value.length > MAX_HEADERS) throw wrong(member)
  return value.map((pair: unknown) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw wrong(member)
    const [name, content]: unknown[] = pair
    if (typeof name !== 'string' || typeof content !== 'string') throw wrong(member)
    if (!isHeader(name, content)) throw wrong(member)
    return [name, content] as const
  })
}
