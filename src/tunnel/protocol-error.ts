/** The other side broke a rule of the protocol. The message is what the connection is closed with. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}
