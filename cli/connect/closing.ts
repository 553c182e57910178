import { CLOSE } from '../../src/tunnel/limits.ts'

/** How a connection ended. */
export interface Closed {
  readonly reason: string
  /** Dialling in again with this token is useless. */
  readonly isRevoked: boolean
}

/** What the close code and reason of a WebSocket mean. */
export function closedBy(code: number, reason: string): Closed {
  const text = REASONS[code] ?? `The connection was lost (${code}).`
  const isTold = reason !== '' && code === CLOSE.protocol
  return { reason: isTold ? `${text} ${reason}.` : text, isRevoked: code === CLOSE.revoked }
}

const REASONS: Readonly<Record<number, string>> = {
  [CLOSE.done]: 'Keyway closed the connection.',
  [CLOSE.protocol]: 'Keyway says that this program broke the tunnel protocol:',
  [CLOSE.revoked]: 'The token was revoked, or its endpoint deleted.',
  [CLOSE.silent]: 'Keyway heard nothing for too long.',
  1006: 'The connection was lost.',
}
