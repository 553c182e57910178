import { describe, expect, test } from 'vitest'
import type { UserPart } from '../../../../src/core/chat.ts'
import { thrownBy } from '../../../thrown-by.ts'
import { type Asked, calling, encode, text, user } from './claude.ts'

const VERTEX: Asked = { host: 'vertex' }
const BEDROCK: Asked = { host: 'bedrock', model: 'anthropic.claude-opus-4-8' }
const FOUNDRY: Asked = { host: 'foundry' }

const png = { kind: 'data', mediaType: 'image/png', data: 'iVBORw0KGgo=' } as const
const pdf = { kind: 'data', mediaType: 'application/pdf', data: 'JVBERi0=' } as const
const at = (url: string, mediaType?: string) =>
  ({ kind: 'url', url, ...(mediaType !== undefined && { mediaType }) }) as const
const onFile = { kind: 'file', id: 'file_1' } as const

const image = (source: Extract<UserPart, { kind: 'image' }>['source']) =>
  ({ kind: 'image', source }) as const
const file = (source: Extract<UserPart, { kind: 'file' }>['source'], name?: string) =>
  ({ kind: 'file', source, ...(name !== undefined && { name }) }) as const

const base64 = ({ mediaType, data }: typeof png | typeof pdf) => ({
  type: 'base64',
  media_type: mediaType,
  data,
})
const plain = (data: string) => ({ type: 'text', media_type: 'text/plain', data })

function blockOf(part: UserPart, asked: Asked = {}) {
  const { body, warnings } = encode(
    { messages: [{ role: 'user', content: [text('Look:'), part] }] },
    asked,
  )
  expect(body['messages'][0].content[0]).toEqual({ type: 'text', text: 'Look:' })
  return { block: body['messages'][0].content[1], warnings }
}

describe('an image or a file', () => {
  test.each<[string, UserPart, object]>([
    ['image', image(png), { type: 'image', source: base64(png) }],
    ['PDF', file(pdf), { type: 'document', source: base64(pdf) }],
    [
      'PDF with a name',
      file(pdf, 'a.pdf'),
      { type: 'document', source: base64(pdf), title: 'a.pdf' },
    ],
    ['#36 PDF as an image', image(pdf), { type: 'document', source: base64(pdf) }],
    ['image as a file', file(png, 'a.png'), { type: 'image', source: base64(png) }],
    [
      'text',
      file({ kind: 'text', text: 'Hi' }, 'a.txt'),
      { type: 'document', source: plain('Hi'), title: 'a.txt' },
    ],
    [
      'text in base64',
      file({ kind: 'data', mediaType: 'text/markdown', data: btoa('\u00c3\u00bc') }),
      { type: 'document', source: plain('\u00fc') },
    ],
    [
      'JSON',
      file({ kind: 'data', mediaType: 'application/json', data: btoa('{}') }),
      { type: 'document', source: plain('{}') },
    ],
  ])('%s is taken by every host', (_, part, expected) => {
    for (const asked of [{}, FOUNDRY, VERTEX, BEDROCK]) {
      expect(blockOf(part, asked)).toEqual({ block: expected, warnings: [] })
    }
  })

  const url = 'https://example.com/a.png'
  test.each<[string, UserPart, object]>([
    ['image', image(at(url)), { type: 'image', source: { type: 'url', url } }],
    [
      'image whose URL tells nothing',
      image(at('http://e.com/a?b')),
      { type: 'image', source: { type: 'url', url: 'http://e.com/a?b' } },
    ],
    [
      '#36 PDF as an image',
      image(at('https://e.com/a.pdf?b=c')),
      { type: 'document', source: { type: 'url', url: 'https://e.com/a.pdf?b=c' } },
    ],
    [
      'file',
      file(at('https://e.com/a')),
      { type: 'document', source: { type: 'url', url: 'https://e.com/a' } },
    ],
    ['file that is an image', file(at(url)), { type: 'image', source: { type: 'url', url } }],
  ])('%s is fetched where Anthropic runs the model', (_, part, expected) => {
    for (const asked of [{}, FOUNDRY])
      expect(blockOf(part, asked)).toEqual({ block: expected, warnings: [] })
  })

  test.each<[string, UserPart, Asked]>([
    ['image', image(at(url)), VERTEX],
    ['image', image(at(url)), BEDROCK],
    ['file', file(at('https://e.com/a.pdf')), BEDROCK],
    ['image', image(at('gs://bucket/a.png')), {}],
    ['file', file(at('https://e.com/a.docx')), {}],
    ['file', file(at('https://e.com/a', 'text/csv')), {}],
    ['image', image({ ...png, mediaType: 'image/tiff' }), {}],
    ['file', file({ ...pdf, mediaType: 'application/zip' }), {}],
    ['file', file(onFile), FOUNDRY],
    ['file', file(onFile), VERTEX],
    ['image', image(onFile), BEDROCK],
    ['audio', { kind: 'audio', data: 'AAAA', format: 'wav' }, {}],
  ])('%s %j at %j is refused', (param, part, asked) => {
    expect(thrownBy(() => blockOf(part, asked))).toMatchObject({
      code: 'unsupported_parameter',
      details: { param },
    })
    expect(blockOf(part, { ...asked, mode: 'lenient' })).toEqual({
      block: undefined,
      warnings: [`${param}:dropped`],
    })
  })

  test('that the provider keeps is named where it keeps them', () => {
    const source = { type: 'file', file_id: 'file_1' }
    expect(blockOf(file(onFile, 'a.pdf')).block).toEqual({
      type: 'document',
      source,
      title: 'a.pdf',
    })
    expect(blockOf(image(onFile)).block).toEqual({ type: 'image', source })
  })

  test('that is not base64 is an error of the caller’s', () => {
    const broken = file({ kind: 'data', mediaType: 'text/plain', data: '%%%' })
    expect(thrownBy(() => blockOf(broken))).toMatchObject({ code: 'invalid_request' })
  })

  test('without a word in it is left out', () => {
    expect(blockOf(file({ kind: 'text', text: ' \n' })).block).toBeUndefined()
  })

  test('in a result of a tool stays there', () => {
    const content = [text('Here:'), image(png)]
    const messages = [user('a'), calling('x'), { role: 'tool', callId: 'x', content } as const]
    expect(encode({ messages }).body['messages'][2].content).toEqual([
      {
        type: 'tool_result',
        tool_use_id: 'x',
        content: [
          { type: 'text', text: 'Here:' },
          { type: 'image', source: base64(png) },
        ],
      },
    ])
  })

  test.each([
    ['auto', []],
    ['high', ['detail:dropped']],
  ])('with detail %s: %j', (detail, warnings) => {
    expect(blockOf({ ...image(png), detail }).warnings).toEqual(warnings)
  })
})
