import { describe, expect, test } from 'vitest'
import { mediaOfFileData, mediaTypeOfName, mediaTypeOfUrl } from '../../src/core/file-data.ts'

describe('a media type follows from', () => {
  test.each([
    ['report.pdf', 'application/pdf'],
    ['REPORT.PDF', 'application/pdf'],
    ['notes.v2.md', 'text/markdown'],
    ['photo.JPG', 'image/jpeg'],
    ['archive.tar', undefined],
    ['pdf', undefined],
    ['', undefined],
    ['x.constructor', undefined],
  ])('the name %j: %j', (name, type) => {
    expect(mediaTypeOfName(name)).toBe(type)
  })

  test.each([
    ['https://files.example/report.pdf', 'application/pdf'],
    ['https://files.example/report.pdf?signature=abc#page=2', 'application/pdf'],
    ['https://files.example/get?name=report.pdf', 'application/pdf'],
    ['https://files.example/cat.png?from=report.pdf', 'image/png'],
    ['https://files.example/cat', undefined],
    ['gs://bucket/report.pdf', 'application/pdf'],
    ['not a url.pdf', undefined],
  ])('the address %j: %j', (url, type) => {
    expect(mediaTypeOfUrl(url)).toBe(type)
  })
})

describe('the data of a file is read', () => {
  test.each([
    ['from a data URL', 'data:application/pdf;base64,JVBERi0=', 'a.txt', 'application/pdf'],
    ['from a data URL in capitals', 'DATA:Text/Plain;BASE64,aGk=', '', 'text/plain'],
    ['by the name', 'aGk=', 'a.csv', 'text/csv'],
    [
      'by the name, where a data URL does not tell',
      'data:application/octet-stream;base64,aGk=',
      'a.csv',
      'text/csv',
    ],
    ['by its own beginning', 'JVBERi0=', undefined, 'application/pdf'],
    ['and may be anything', 'aGk=', 'a', 'application/octet-stream'],
  ])('%s', (_, data, name, mediaType) => {
    const bytes = data.slice(data.indexOf(',') + 1)
    expect(mediaOfFileData(data, name)).toEqual({ kind: 'data', mediaType, data: bytes })
  })

  test('over several lines', () => {
    expect(mediaOfFileData('aGk\r\n=', 'a.txt')).toMatchObject({ data: 'aGk=' })
  })

  test.each([[''], ['!'], ['https://files.example/a.pdf'], ['data:application/pdf;base64,!']])(
    'but not from %j',
    (data) => {
      expect(mediaOfFileData(data)).toBeUndefined()
    },
  )
})
