import { expect, test } from 'vitest'
import { brokenConnection } from '../../cli/connection-failure.ts'

const told = (members: object): string => {
  const cause = Object.assign(new Error('x'), members)
  const { failure } = brokenConnection(new Error('fetch failed', { cause }), 'https://keyway.test')
  return `${failure.message} ${failure.details.advice ?? ''}`
}

test.each([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'NODE_EXTRA_CA_CERTS'],
  ['CERT_HAS_EXPIRED', 'has expired. It must be renewed'],
  ['CERT_NOT_YET_VALID', 'clock of this machine'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'for another name. Set KEYWAY_URL'],
  ['ERR_PROXY_TUNNEL', 'The proxy of HTTPS_PROXY does not lead to https://keyway.test'],
])('%s is told as what it is', (code, text) => {
  expect(told({ code })).toContain(text)
  expect(told({ code }).includes('NODE_EXTRA_CA_CERTS')).toBe(text === 'NODE_EXTRA_CA_CERTS')
})

test('what broke at another host or port than the address has was the proxy', () => {
  const there = { code: 'ENOTFOUND', hostname: 'keyway.test' }
  expect(told(there)).toContain('no host of the name in https://keyway.test')
  expect(told({ ...there, hostname: 'proxy.corp' })).toContain('proxy of HTTPS_PROXY')
  expect(told({ code: 'ECONNREFUSED', port: 443 })).toContain('Nothing listens')
  expect(told({ code: 'ECONNREFUSED', port: 3128 })).toContain('proxy of HTTPS_PROXY')
})
