import { describe, expect, test } from 'vitest'
import { safeMessage, safeWords } from '../../../src/gateway/failure/safe-message.ts'

const KEY = 'the-very-key-of-no-known-shape'
const credential = { kind: 'key', apiKey: KEY } as const
const PEM = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQ+/ab9\n'.repeat(150)}-----END PRIVATE KEY-----\n`
const account = {
  kind: 'google',
  projectId: 'my-project',
  clientEmail: 'a@b.example',
  privateKey: PEM,
} as const
const JWT = `eyJhbGciOiJSUzI1NiJ9.${'eyJzdWIi'.repeat(40)}.${'c2lnbmF0'.repeat(30)}`

describe('an upstream’s words', () => {
  test.each([
    ['stay as they are', 'stay as they are'],
    [`Incorrect key ${KEY}!`, 'Incorrect key [key]!'],
    ['sk-proj-abc***********xyz is wrong', '[key] is wrong'],
    ['AKIAIOSFODNN7EXAMPLE and ya29.a0Af_x', '[key] and [key]'],
    [`Bearer ${JWT}, expired`, 'Bearer [key], expired'],
    [`key-${JWT}, expired`, '[key], expired'],
    [`see www.example.com/a.b.c, not ${JWT}`, 'see www.example.com/a.b.c, not [key]'],
  ])('%#: are told without secrets', (message, told) => {
    expect(safeMessage(message, credential)).toBe(told)
  })

  test('are cut', () => {
    expect(safeMessage('x '.repeat(2000), credential)).toBe('x '.repeat(1000))
  })

  // A search that begins anew at each of these would not be over before the test’s time is.
  test.each(['eyJ-', 'eyJ-.', 'eyJ', 'sk-', 'AKIA', 'ya29.', 'a.', 'a-', '*', ' ', '.', KEY])(
    'may be a megabyte of %j',
    (piece) => {
      const message = piece.repeat(1_000_000 / piece.length)
      const told = safeMessage(message, credential)
      expect(told.length).toBeLessThanOrEqual(2000)
      expect(told).not.toContain(KEY)
    },
  )
})

describe('nothing of a secret is left where a message is cut', () => {
  const both = { ...account, apiKey: KEY } as typeof account

  test.each([
    ['a key', KEY, credential],
    ['a key of more than one line', PEM, both],
    ['somebody’s token', JWT, credential],
    ['somebody’s key', 'sk-abcdefgh', credential],
  ] as const)('%s', (_, secret, own) => {
    const pieces = Array.from({ length: secret.length - 7 }, (_piece, at) =>
      secret.slice(at, at + 8),
    )
    // Other secrets before it make so little of a text that what stood at the first cut comes to stand before the second.
    for (const before of ['', `${PEM} `, `${KEY} `.repeat(50)]) {
      for (let shift = 0; shift <= secret.length; shift += 1 + (secret.length >> 6)) {
        for (const cut of [2000, 8192]) {
          const start = cut - shift
          const text = before.repeat(start / (before.length || Infinity)).padEnd(start)
          const told = safeMessage(`${text}${secret}${' z'.repeat(5000)}`, own)
          expect(pieces.filter((piece) => piece.trim() !== '' && told.includes(piece))).toEqual([])
        }
      }
    }
  })
})

describe('the names of an error', () => {
  test.each([
    [{ type: 'invalid_request_error', code: 'model_not_found', param: 'messages.0.content' }],
    [{ code: 'Some resource has been exhausted' }],
    [{ code: '1113' }],
    [{}],
  ])('%j are passed on', (words) => {
    expect(safeWords(words, credential)).toEqual(words)
  })

  test.each([
    [{ type: KEY, code: KEY }, {}],
    [{ code: 'sk-abcdefgh' }, {}],
    [{ type: 'x'.repeat(101), code: '<b>' }, {}],
    [{ type: '', code: 'a\nb' }, {}],
    [{ param: `headers.${KEY}` }, { param: 'headers.[key]' }],
    [{ param: 'x'.repeat(500) }, { param: 'x'.repeat(200) }],
  ])('%j become %j', (words, told) => {
    expect(safeWords(words, credential)).toEqual(told)
  })
})
