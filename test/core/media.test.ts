import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MediaSource } from '../../src/core/chat.ts'
import { mediaOfUrl, plainBase64, plainMediaType, urlOfMedia } from '../../src/core/media.ts'

const data = (mediaType: string, text: string): MediaSource => ({
  kind: 'data',
  mediaType,
  data: text,
})

describe('#36 a URL of media', () => {
  test.each<[string, MediaSource]>([
    ['data:image/png;base64,QUJD', data('image/png', 'QUJD')],
    ['DATA:IMAGE/PNG;charset=utf-8;BASE64,QUJD', data('image/png', 'QUJD')],
    ['data:image/jpg;base64,QUJD', data('image/jpeg', 'QUJD')],
    ['data:application/x-pdf;name=a.pdf;base64,QUJD', data('application/pdf', 'QUJD')],
    ['data:;base64,QUJD', data('text/plain', 'QUJD')],
    ['data:image/png;base64,QU\r\nJD RA==', data('image/png', 'QUJDRA==')],
    ['data:image/png;base64,QUJDRA', data('image/png', 'QUJDRA==')],
    ['data:image/png;base64,QUJDRA%3D%3d', data('image/png', 'QUJDRA==')],
    ['data:text/plain,a%20b', data('text/plain', 'YSBi')],
    ['data:text/plain,ä%c3%a4', data('text/plain', 'w6TDpA==')],
    ['data:,a,b', data('text/plain', 'YSxi')],
    ['https://example.com/a.png?x=.pdf', { kind: 'url', url: 'https://example.com/a.png?x=.pdf' }],
    ['HTTP://example.com', { kind: 'url', url: 'HTTP://example.com' }],
    ['gs://bucket/a.png', { kind: 'url', url: 'gs://bucket/a.png' }],
    ['s3://bucket/a.png', { kind: 'url', url: 's3://bucket/a.png' }],
  ])('%s', (url, media) => {
    expect(mediaOfUrl(url)).toEqual(media)
  })

  test.each([
    '',
    'a.png',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:image/png;base64',
    'data:image/png;base64,',
    'data:image/png;base64,Q',
    'data:image/png;base64,QU=JD',
    'data:image/png;base64,QUJD-_',
    'data:text/plain,',
  ])('%j is none', (url) => {
    expect(mediaOfUrl(url)).toBeUndefined()
  })

  test('data comes back as it was', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(bytes, fc.constantFrom('image/png', 'application/pdf'), (value, mediaType) => {
        const source = {
          kind: 'data',
          mediaType,
          data: Buffer.from(value).toString('base64'),
        } as const
        expect(mediaOfUrl(urlOfMedia(source))).toEqual(source)
      }),
    )
  })

  test('text is its UTF-8, percent-encoded or not', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const expected = data('text/plain', Buffer.from(text).toString('base64'))
        expect(mediaOfUrl(`data:,${encodeURIComponent(text)}`)).toEqual(expected)
        if (!text.includes('%')) expect(mediaOfUrl(`data:,${text}`)).toEqual(expected)
      }),
    )
  })
})

test.each([
  [' Image/JPG ; q=1', 'image/jpeg'],
  ['TEXT/Plain;charset=utf-8', 'text/plain'],
  ['', ''],
])('the media type %j is plainly %s', (text, type) => {
  expect(plainMediaType(text)).toBe(type)
})

test.each([
  ['QQ', 'QQ=='],
  ['QQ=', 'QQ=='],
  ['QQJ', 'QQJ='],
  [' Q Q ', 'QQ=='],
  ['', ''],
  ['QQJDQ', undefined],
  ['ä', undefined],
])('base64 %j is written %j', (text, plain) => {
  expect(plainBase64(text)).toBe(plain)
})

test('a URL stays the URL of itself', () => {
  expect(urlOfMedia({ kind: 'url', url: 'https://example.com/a' })).toBe('https://example.com/a')
})
