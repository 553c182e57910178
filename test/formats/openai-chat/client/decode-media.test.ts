import { describe, expect, test } from 'vitest'
import { decoded, fault, faultOf } from './fixtures.ts'

const ask = (part: object): object => ({ messages: [{ role: 'user', content: [part] }] })
const partOf = (part: object): unknown => {
  const request = decoded({ ...ask(part) })
  expect(request.untranslated).toBeUndefined()
  return request.messages[0]?.content[0]
}
const image = (url: string): object => ({ type: 'image_url', image_url: { url } })
const file = (members: object): object => ({ type: 'file', file: members })

describe('#36 an image is read', () => {
  test.each([
    ['from an address', 'https://x.example/a.png', { kind: 'url', url: 'https://x.example/a.png' }],
    [
      'from an address that tells nothing',
      'http://x.example/a',
      { kind: 'url', url: 'http://x.example/a' },
    ],
    [
      'whatever its query ends in',
      'https://x.example/a.png?from=b.pdf',
      { kind: 'url', url: 'https://x.example/a.png?from=b.pdf' },
    ],
    [
      'from data',
      'data:image/png;base64,iVBO',
      { kind: 'data', mediaType: 'image/png', data: 'iVBO' },
    ],
    [
      'from data with parameters',
      'data:image/png;charset=utf-8;base64,iVBO',
      { kind: 'data', mediaType: 'image/png', data: 'iVBO' },
    ],
    [
      'from data in capitals',
      'data:IMAGE/PNG;base64,iVBO',
      { kind: 'data', mediaType: 'image/png', data: 'iVBO' },
    ],
    [
      'as the type that it is registered as',
      'data:image/jpg;base64,/9j/',
      { kind: 'data', mediaType: 'image/jpeg', data: '/9j/' },
    ],
  ])('%s', (_, url, source) => {
    expect(partOf(image(url))).toEqual({ kind: 'image', source })
    expect(partOf({ type: 'image_url', image_url: url })).toEqual({ kind: 'image', source })
  })

  test.each([
    ['low', { detail: 'low' }],
    ['high', { detail: 'high' }],
    ['original', { detail: 'original' }],
    ['auto', {}],
    [null, {}],
  ])('in detail %j', (detail, expected) => {
    const url = 'https://x.example/a'
    const part = { type: 'image_url', image_url: { url, detail } }
    expect(partOf(part)).toEqual({ kind: 'image', source: { kind: 'url', url }, ...expected })
  })

  test('from a file', () => {
    expect(partOf(file({ filename: 'a.png', file_data: 'iVBO' }))).toEqual({
      kind: 'image',
      source: { kind: 'data', mediaType: 'image/png', data: 'iVBO' },
    })
  })
})

describe('a file is read', () => {
  const pdf = { kind: 'data', mediaType: 'application/pdf', data: 'JVBERi0=' }

  test.each([
    [{ file_data: 'data:application/pdf;base64,JVBERi0=' }, { source: pdf }],
    [{ file_data: 'data:Application/X-PDF;charset=x;base64,JVBERi0=' }, { source: pdf }],
    [
      { file_data: 'JVBERi0=', filename: 'a.pdf' },
      { source: pdf, name: 'a.pdf' },
    ],
    [{ file_data: 'JVBERi0=' }, { source: pdf }],
    [
      { file_data: 'YSxi', filename: 'a.csv' },
      { source: { kind: 'data', mediaType: 'text/csv', data: 'YSxi' }, name: 'a.csv' },
    ],
    [{ file_id: 'file-1' }, { source: { kind: 'file', id: 'file-1' } }],
  ])('from %j', (members, expected) => {
    expect(partOf(file(members))).toEqual({ kind: 'file', ...expected })
  })

  test.each([
    ['data:application/pdf;base64,JVBERi0=', pdf],
    [
      'https://x.example/a.pdf?signature=b',
      {
        kind: 'url',
        url: 'https://x.example/a.pdf?signature=b',
        mediaType: 'application/pdf',
      },
    ],
    [
      'https://x.example/download?name=a.PDF',
      {
        kind: 'url',
        url: 'https://x.example/download?name=a.PDF',
        mediaType: 'application/pdf',
      },
    ],
  ])('#36 from an image that is none: %s', (url, source) => {
    expect(partOf(image(url))).toEqual({ kind: 'file', source })
  })
})

describe('audio is read', () => {
  test.each([
    [
      { data: 'UklG', format: 'wav' },
      { data: 'UklG', format: 'wav' },
    ],
    [
      { data: 'data:audio/mp3;base64,UklG', format: 'MP3' },
      { data: 'UklG', format: 'mp3' },
    ],
  ])('from %j', (input_audio, expected) => {
    expect(partOf({ type: 'input_audio', input_audio })).toEqual({ kind: 'audio', ...expected })
  })
})

describe('is refused, naming the field and not showing it:', () => {
  const at = 'messages.0.content.0'

  test.each([
    [`${at}.type`, {}],
    [`${at}.type`, { type: 'video_url', video_url: { url: 'https://x.example' } }],
    [`${at}.text`, { type: 'text' }],
    [`${at}.text`, { type: 'text', text: 7 }],
    [`${at}.image_url`, { type: 'image_url' }],
    [`${at}.image_url`, { type: 'image_url', image_url: 'sesame' }],
    [`${at}.image_url`, { type: 'image_url', image_url: 7 }],
    [`${at}.image_url.url`, { type: 'image_url', image_url: {} }],
    [`${at}.image_url.url`, image('sesame')],
    [`${at}.image_url.url`, image('ftp://sesame')],
    [`${at}.image_url.url`, image('data:image/png;base64,ses*ame')],
    [
      `${at}.image_url.detail`,
      { type: 'image_url', image_url: { url: 'https://x.example', detail: 'sesame' } },
    ],
    [`${at}.file`, { type: 'file' }],
    [`${at}.file.file_data`, file({ filename: 'sesame.pdf' })],
    [`${at}.file.file_data`, file({ file_data: 'ses*ame' })],
    [`${at}.file.filename`, file({ file_id: 'sesame', filename: 7 })],
    [`${at}.input_audio`, { type: 'input_audio' }],
    [
      `${at}.input_audio.data`,
      { type: 'input_audio', input_audio: { data: 'ses*ame', format: 'wav' } },
    ],
    [`${at}.input_audio.format`, { type: 'input_audio', input_audio: { data: 'UklG' } }],
    [
      `${at}.input_audio.format`,
      { type: 'input_audio', input_audio: { data: 'UklG', format: 'audio/sesame' } },
    ],
  ])('%s of %j', (param, part) => {
    const error = faultOf({ ...ask(part) })
    expect(error).toMatchObject(fault(param) as object)
    expect(String(error)).not.toContain('sesame')
  })
})
