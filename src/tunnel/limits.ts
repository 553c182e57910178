/** What both sides of `byom-tunnel/1` hold to. docs/tunnel.md says the same for those who write a connector. */

/** The WebSocket subprotocol, with the version in it. */
export const SUBPROTOCOL = 'byom-tunnel.1'

/** Where a connector dials in. */
export const CONNECT_PATH = '/v1/tunnels/connect'

/** Of one frame, without its header of 10 bytes. */
export const MAX_PAYLOAD_BYTES = 64 * 1024

/** Of one WebSocket message, which holds one or more whole frames. */
export const MAX_MESSAGE_BYTES = 1024 * 1024

/** The least and the most that a side may let the other send on one stream before it has taken any of it. */
export const MIN_WINDOW_BYTES = 16 * 1024
export const MAX_WINDOW_BYTES = 1024 * 1024

/** What a connector gets where its HELLO does not say. */
export const DEFAULT_WINDOW_BYTES = 256 * 1024

/** What the gateway lets a connector send at first; it grows for streams whose reader keeps up. */
export const GATEWAY_WINDOW_BYTES = 64 * 1024

/** The most calls that one connector is given at once, and what it gets where its HELLO does not say. */
export const MAX_CONCURRENT = 128
export const DEFAULT_CONCURRENT = 64

/** The most connectors of one endpoint. */
export const MAX_CONNECTORS = 8

/** Stream ids are unsigned 32-bit; they count up and are never used twice on a connection. */
export const MAX_STREAM_ID = 0xffff_ffff

/** The text message that a connector asks with, and what it is answered. */
export const PING = 'ping'
export const PONG = 'pong'

/** How often a connector pings. */
export const PING_MS = 20_000

/** How often a connector says ALIVE on a stream that it has nothing else to say on. */
export const ALIVE_MS = 5_000

/** The least and the most that WELCOME may say of either: a timer of less would do nothing else, and one of more overflow. */
export const MIN_PERIOD_MS = 1_000
export const MAX_PERIOD_MS = 3_600_000

/** A connection with open streams that was silent for so long is taken for dead. */
export const DEAD_AFTER_MS = 20_000

/** A connection without open streams that has not pinged for so long is taken for dead. */
export const STALE_AFTER_MS = 60_000

/** A connection without HELLO is given up after so long. */
export const HELLO_WITHIN_MS = 10_000

/** How a side ends a connection. `reason` says more. */
export const CLOSE = {
  /** Drained, or told to go. */
  done: 1000,
  /** The other side broke the protocol. */
  protocol: 4400,
  /** The token was revoked, or its endpoint deleted: dialling in again with it is useless. */
  revoked: 4401,
  /** Nothing was heard for too long. */
  silent: 4408,
} as const
