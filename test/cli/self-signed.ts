import { generateKeyPairSync, sign } from 'node:crypto'

/** A certificate of its own authority for 127.0.0.1 and keyway.test, with its key, both as PEM: RFC 5280 in as few bytes as it takes. */
export function selfSigned(): { readonly cert: string; readonly key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'))
  const name = sequence(set(sequence(oid('550403'), der(0x0c, Buffer.from('model')))))
  const validity = sequence(utcTime('200101000000Z'), utcTime('491231235959Z'))
  const isAuthority = extension('551d13', sequence(der(0x01, Buffer.of(0xff))))
  const hosts = [der(0x87, Buffer.of(127, 0, 0, 1)), der(0x82, Buffer.from('keyway.test'))]
  const isForThese = extension('551d11', sequence(...hosts))
  const body = sequence(
    der(0xa0, integer(2)),
    integer(1),
    ecdsaWithSha256,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(isAuthority, isForThese)),
  )
  const signature = der(0x03, Buffer.concat([Buffer.of(0), sign('sha256', body, privateKey)]))
  const whole = sequence(body, ecdsaWithSha256, signature).toString('base64')
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${whole.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  }
}

function der(tag: number, content: Buffer): Buffer {
  const size = content.length
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.of(tag, ...length), content])
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, Buffer.concat(parts))
const set = (content: Buffer): Buffer => der(0x31, content)
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const integer = (value: number): Buffer => der(0x02, Buffer.of(value))
const utcTime = (text: string): Buffer => der(0x17, Buffer.from(text))
const extension = (id: string, value: Buffer): Buffer => sequence(oid(id), der(0x04, value))
