import { expect, test } from 'vitest'
import { organizationOfApiKey } from '../../src/core/api-key-format.ts'
import { newToken, organizationOfToken } from '../../src/core/token-format.ts'

const ORGANIZATION = 'org_0123456789abcdEF'
const randomBytes = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count))

test.each(['kwm_', 'kwc_'] as const)(
  'a %s token names its organization, and is nothing else',
  (prefix) => {
    const token = newToken(prefix, ORGANIZATION, randomBytes)
    expect(token).toMatch(/^kw[mc]_[0-9A-Za-z]{54}$/)
    expect(organizationOfToken(prefix, token)).toBe(ORGANIZATION)
    expect(organizationOfToken(prefix === 'kwm_' ? 'kwc_' : 'kwm_', token)).toBeUndefined()
    expect(organizationOfApiKey(token)).toBeUndefined()
  },
)

test('one changed character is found out', () => {
  const token = newToken('kwm_', ORGANIZATION, randomBytes)
  for (let position = 4; position < token.length; position++) {
    const other = token[position] === 'A' ? 'B' : 'A'
    const altered = token.slice(0, position) + other + token.slice(position + 1)
    expect(organizationOfToken('kwm_', altered)).toBeUndefined()
  }
})

test.each(['', 'kwm_', 'kw_x', `kwm_${'0'.repeat(54)}`, `kwm_${'0'.repeat(5000)}`])(
  '%j is none',
  (text) => {
    expect(organizationOfToken('kwm_', text)).toBeUndefined()
  },
)
