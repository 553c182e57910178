import { base64 } from './encoding.ts'
import { GatewayError } from './errors.ts'

/** A provider's list of numbers. Throws `upstream_error` for anything else. */
export function readVector(value: unknown): readonly number[] {
  if (Array.isArray(value) && value.every((one: unknown) => typeof one === 'number')) return value
  throw new GatewayError('upstream_error', 'The provider answered with no embedding.')
}

/** 32-bit floats, little-endian, in base64: what OpenAI's SDKs ask for, since it is a third of the text. */
export function base64OfVector(vector: readonly number[]): string {
  const bytes = new Uint8Array(vector.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [index, number] of vector.entries()) view.setFloat32(index * 4, number, true)
  return base64(bytes)
}
