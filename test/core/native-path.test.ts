import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkNativePath } from '../../src/core/native-path.ts'
import { thrownBy } from '../thrown-by.ts'

const refusal = expect.objectContaining({ code: 'invalid_request', status: 400 })

describe('a path that means different things to different readers is refused', () => {
  test.each([
    // Climbing, in every spelling that some reader undoes.
    '/..',
    '/.',
    '/v1/../v2',
    '/v1/./v2',
    '/v1/..',
    '/%2e%2e',
    '/%2E.',
    '/.%2e/x',
    '/%2e/x',
    '/v1/%2E%2E/x',
    '/%252e%252e/x',
    '/%252E./x',
    '/%25252e%25252e/x',
    '/..%2fx',
    '/..%2Fx',
    '/%2e%2e%2fx',
    '/x%2f..%2fy',
    '/x%2f..',
    '/..;/x',
    '/..;a=b/x',
    '/%2e%2e;x/y',
    '/..%3bx/y',
    '/.;/x',
    // Separators that are hidden from some.
    '/a%2fb',
    '/a%2Fb',
    '/a%5cb',
    '/a%5Cb',
    '/a%255cb',
    '/a%252fb',
    '/a%25252fb',
    '/a\\b',
    '/\\evil.example/x',
    '/a?b',
    '/a#b',
    // An empty segment begins an authority to some.
    '//',
    '//evil.example/x',
    '/v1//models',
    '/v1/models//',
    '/v1/models///',
    '/https://evil.example/x',
    // What a header, a log or a URL parser would trip over.
    '/a b',
    '/a\tb',
    '/a\nb',
    '/a\r\nHost: evil.example',
    '/a\u0000',
    '/a%00b',
    '/a%0ab',
    '/a%0d%0ab',
    '/a%0Ab',
    '/a%1fb',
    '/a%7fb',
    '/a\u007fb',
    '/ä',
    '/a\u2028',
    '/％2e％2e/',
    // Letters and the like in a second spelling.
    '/%6Dodel/x',
    '/%6dodel/x',
    '/m%4Fdel',
    '/v%31',
    '/a%2Db',
    '/a%5Fb',
    '/a%7Eb',
    // Not percent-encoded UTF-8.
    '/a%ff',
    '/a%c0%ae%c0%ae/x',
    '/a%',
    '/a%2',
    '/a%zz',
    '/%ed%a0%80',
    // Not a path.
    '',
    'v1/models',
    'https://evil.example/x',
    '@evil.example/x',
    ':443/x',
    '.evil.example/x',
  ])('%j', (path) => {
    expect(() => checkNativePath(path)).toThrow(refusal)
  })
})

describe('a path with one meaning is let through', () => {
  test.each([
    '/',
    '/v1/models',
    '/v1/models/',
    '/v1/models/ft:gpt-4o:acme::abc123',
    '/v1/files/file-abc.def/content',
    '/...',
    '/..a/b',
    '/a..b',
    '/.well-known/x',
    '/v1/models/claude-opus-4-5@20251101:rawPredict',
    '/v1/models/claude-opus-4-5%4020251101:rawPredict',
    '/@evil.example/x',
    '/a;b=c',
    '/a%3Bb',
    '/a%20b',
    '/a%C3%A4',
    '/a%E2%82%AC',
    '/a%25b',
    '/%21%2C%3A%40%5B%5D%60%7B%7D',
    '/a%3Fb',
    '/a%23b',
    "/!$&'()*+,;=:@~_-.",
    '/model/anthropic.claude-opus-4-5-20251101-v1%3A0/converse',
  ])('%s', (path) => {
    expect(() => checkNativePath(path)).not.toThrow()
  })
})

describe('an encoded slash passes only where its whole segment is what is expected', () => {
  const encodedSlash = /^arn:[a-z]+:x:[a-z0-9/-]+$/

  test.each(['/model/arn%3Aaws%3Ax%3Aprofile%2Fab12/invoke', '/arn:aws:x:a%2Fb'])('%s', (path) => {
    expect(() => checkNativePath(path, { encodedSlash })).not.toThrow()
    expect(() => checkNativePath(path)).toThrow(refusal)
  })

  test.each([
    '/model/arn%3Aaws%3Ax%3A..%2Fb/invoke',
    '/model/arn%3Aaws%3Ax%3Aa%2F../invoke',
    '/model/arn%3Aaws%3Ax%3Aa%2F..%2Fb/invoke',
    '/model/arn%3Aaws%3Ax%3Aa%252Fb/invoke',
    '/model/x%2Farn%3Aaws%3Ax%3Aa/invoke',
    '/arn:aws:x:a%2Fb/c%2Fd',
  ])('%s is refused', (path) => {
    expect(() => checkNativePath(path, { encodedSlash })).toThrow(refusal)
  })
})

test('the error names the path and never repeats it', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{12}$/), (canary) => {
      const error = thrownBy(() => checkNativePath(`/${canary}/../x`))
      expect(error).toMatchObject({ details: { param: 'path' } })
      expect(String(error)).not.toContain(canary)
    }),
  )
})

describe('what is let through stays under its base when the platform resolves it', () => {
  const pieces = [
    ...'/ . .. %2e %2E %2f %5c %25 2e 2f ; \\ : @ ? # %00 %0a %ff a v1 // https: é'.split(' '),
    'evil.example',
    '\t',
    ' ',
  ]
  const piece = fc.constantFrom(...pieces)
  const path = fc.array(piece, { maxLength: 8 }).map((picked) => `/${picked.join('')}`)

  test.each(['https://api.example/base/v1', 'https://api.example'])('%s', (base) => {
    fc.assert(
      fc.property(path, (text) => {
        fc.pre(thrownBy(() => checkNativePath(text)) === undefined)
        const url = new URL(base + text)
        expect(url.href).toBe(base + text)
        expect(url.host).toBe('api.example')
        // Decoded once more by a reader behind, it still climbs nowhere.
        expect(decodeURIComponent(url.pathname).split(/[/\\]/)).not.toContain('..')
      }),
      { numRuns: 2000 },
    )
  })

  test('and what is not is refused as a bad request', () => {
    fc.assert(
      fc.property(path, (text) => {
        expect([undefined, refusal]).toContainEqual(thrownBy(() => checkNativePath(text)))
      }),
      { numRuns: 2000 },
    )
  })
})
