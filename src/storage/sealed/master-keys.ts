import { fromBase64 } from '../../core/encoding.ts'
import { GatewayError } from '../../core/errors.ts'

/** One of the deployment's root secrets. It never seals anything itself: see sealed.ts. */
export interface MasterKey {
  readonly id: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** The first seals, all of them open: that is what lets a deployment change its master key. */
export type MasterKeys = readonly [MasterKey, ...MasterKey[]]

// The id stands between dots in every sealed value; 44 characters of base64 are 32 bytes.
const ENTRY = /^([0-9A-Za-z_-]{1,32}):([0-9A-Za-z+/]{43}=)$/

/** The keys that a `MASTER_KEYS` setting holds; a malformed one is refused without being quoted. */
export function parseMasterKeys(setting: string | undefined): MasterKeys {
  const keys = typeof setting === 'string' ? setting.split(',').map(parseEntry) : []
  const [first, ...others] = keys
  if (first === undefined) throw malformed('It is not set.')
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw malformed('An id is there twice.')
  return [first, ...others]
}

function parseEntry(entry: string, index: number): MasterKey {
  const [, id, base64] = ENTRY.exec(entry.trim()) ?? []
  if (id === undefined || base64 === undefined) throw malformed(`Entry ${index + 1} is malformed.`)
  return { id, bytes: fromBase64(base64) }
}

function malformed(detail: string): GatewayError {
  return new GatewayError(
    'misconfigured',
    `MASTER_KEYS must be id:base64 of 32 bytes, several separated by commas. ${detail} "npx keyway init" makes one.`,
  )
}
