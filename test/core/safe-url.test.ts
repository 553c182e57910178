import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/core/errors.ts'
import { safeBaseUrl } from '../../src/core/safe-url.ts'

const strict = { allowLoopback: false }
const loose = { allowLoopback: true }

function refusal(url: string, options = strict): GatewayError {
  try {
    safeBaseUrl(url, 'base_url', options)
  } catch (error) {
    if (error instanceof GatewayError) return error
  }
  throw new Error(`it was not refused: ${url}`)
}

describe('an address that may be called is brought into shape', () => {
  test.each([
    ['https://models.example.com', 'https://models.example.com'],
    ['https://models.example.com/', 'https://models.example.com'],
    [' https://Models.Example.com:443/v1/ ', 'https://models.example.com/v1'],
    ['https://models.example.com/v1/chat/completions', 'https://models.example.com/v1'],
    ['https://models.example.com/v1/chat/completions/?a=b#c', 'https://models.example.com/v1'],
    ['https://models.example.com/v1/models', 'https://models.example.com/v1'],
    ['https://models.example.com/edge/v1/embeddings', 'https://models.example.com/edge/v1'],
    ['https://abc123.ngrok-free.app/v1', 'https://abc123.ngrok-free.app/v1'],
    ['https://x-8080.euw.devtunnels.ms', 'https://x-8080.euw.devtunnels.ms'],
    ['https://ns.servicebus.windows.net/hc/', 'https://ns.servicebus.windows.net/hc'],
    ['https://bücher.example/v1', 'https://xn--bcher-kva.example/v1'],
  ])('%s → %s', (url, expected) => {
    expect(safeBaseUrl(url, 'base_url', strict)).toBe(expected)
  })
})

describe('#37 an address that must not be called is refused without being repeated', () => {
  test.each([
    '',
    'canary',
    '/canary',
    '//canary.example.com',
    'http://canary.example.com',
    'ftp://canary.example.com',
    'file:///etc/canary',
    'https:canary.example.com',
    'https:\\\\canary.example.com',
    'https://canary.example.com\\@other.example.com',
    'https://user:canary@models.example.com',
    'https://canary@models.example.com',
    'https://@canary.example.com',
    'https://can\tary.example.com',
    'https://can\nary.example.com',
    'https://canary .example.com',
    'https://127.0.0.1',
    'https://127.1',
    'https://2130706433',
    'https://0x7f000001',
    'https://0x7f.0.0.1',
    'https://0177.0.0.1',
    'https://017700000001',
    'https://１２７.０.０.１',
    'https://127。0。0。1',
    'https://%31%32%37.0.0.1',
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.1',
    'https://8.8.8.8',
    'https://127.0.0.1.',
    'https://[::1]',
    'https://[::ffff:127.0.0.1]',
    'https://[::ffff:7f00:1]',
    'https://[fd00::1]',
    'https://[2606:4700::1111]',
    'https://localhost',
    'https://LOCALHOST',
    'https://localhost.',
    'https://canary.localhost',
    'https://canary',
    'https://canary.local',
    'https://canary.internal',
    'https://metadata.google.internal',
    'https://canary.svc.cluster.local',
    'https://canary.home.arpa',
    'https://canary.lan.',
    'https://canary.corp',
    'https://canary_x.example.com',
    'https://-canary.example.com',
    'https://canary..example.com',
    'https://canary.example.com:8443',
    'https://canary.example.com:80',
    'https://canary.example.com:0',
    `https://${'a'.repeat(64)}.example.com`,
    `https://models.example.com/${'canary'.repeat(400)}`,
  ])('%s', (url) => {
    const error = refusal(url)
    expect([error.code, error.details.param]).toEqual(['invalid_request', 'base_url'])
    expect(error.message).not.toContain('canary')
  })

  test.each([
    'https://10.0.0.1',
    'https://2130706433',
    'https://0x7f.1',
    'https://１２７.０.０.１',
    'https://127.0.0.1.',
    'https://[::ffff:7f00:1]',
  ])('%s is told for what it is', (url) => {
    expect(refusal(url).message).toContain('addresses in numbers')
  })

  test.each([
    'https://KEYWAY.example.com/v1',
    'https://keyway.example.com./v1',
    'https://keyway.example.com:443/v1',
    'https://keyway.example.com:8443/v1',
    'https://keyway.example.com.:8443/v1',
  ])('nor Keyway’s own address, by whatever spelling: %s', (url) => {
    for (const ownHost of [
      'keyway.example.com',
      'keyway.example.com.',
      'keyway.example.com:8443',
    ]) {
      const options = { allowLoopback: false, allowedPorts: [8443], ownHost }
      expect(() => safeBaseUrl(url, 'base_url', options)).toThrow('own')
    }
  })

  test('but another name, or another service of the same machine', () => {
    const options = { allowLoopback: true, ownHost: 'localhost:8787' }
    expect(safeBaseUrl('http://localhost:8000', 'base_url', options)).toBe('http://localhost:8000')
    expect(() => safeBaseUrl('http://localhost:8787/v1', 'base_url', options)).toThrow('own')
    const named = { allowLoopback: false, ownHost: 'keyway.example.com' }
    const other = 'https://a.keyway.example.com'
    expect(safeBaseUrl(other, 'base_url', named)).toBe(other)
  })
})

describe('where loopback is allowed', () => {
  test.each([
    ['http://localhost:11434/v1', 'http://localhost:11434/v1'],
    ['http://127.0.0.1:8000/v1/chat/completions', 'http://127.0.0.1:8000/v1'],
    ['http://[::1]:8000', 'http://[::1]:8000'],
  ])('%s may be called', (url, expected) => {
    expect(safeBaseUrl(url, 'base_url', loose)).toBe(expected)
  })

  test.each([
    'http://models.example.com',
    'http://10.0.0.1',
    'http://169.254.169.254',
    'http://user@localhost',
  ])('%s still may not', (url) => {
    expect(refusal(url, loose).code).toBe('invalid_request')
  })
})

test('a port that was allowed may be named', () => {
  const options = { allowLoopback: false, allowedPorts: [8443] }
  expect(safeBaseUrl('https://models.example.com:8443', 'base_url', options)).toBe(
    'https://models.example.com:8443',
  )
})
