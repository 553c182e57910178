import { describe, expect, test } from 'vitest'
import type { UserPart } from '../../../src/core/chat.ts'
import { mediaOfUrl } from '../../../src/core/media.ts'
import { thrownBy } from '../../thrown-by.ts'
import {
  assistant,
  CLAUDE_5,
  encode,
  file,
  image,
  LLAMA,
  messagesOf,
  NOVA,
  user,
} from './fixtures.ts'

const shown = (parts: readonly UserPart[], model?: string) =>
  messagesOf([user('See:', ...parts)], model)[0]?.content.slice(1)
const ofUrl = (url: string): UserPart => {
  const source = mediaOfUrl(url)
  if (source === undefined) throw new Error('no media')
  return { kind: 'image', source }
}

describe('images', () => {
  test.each<[string, string]>([
    ['image/jpeg', 'jpeg'],
    ['image/png', 'png'],
    ['image/gif', 'gif'],
    ['image/webp', 'webp'],
  ])('%s is %s', (mediaType, format) => {
    expect(shown([image(mediaType)])).toEqual([{ image: { format, source: { bytes: 'QUJD' } } }])
  })

  test('#36 an odd type of image is what it means', () => {
    expect(shown([ofUrl('data:IMAGE/JPG;charset=utf-8;base64,QU JD')])).toEqual([
      { image: { format: 'jpeg', source: { bytes: 'QUJD' } } },
    ])
  })

  test('#36 a PDF where an image should be is a document, an image where a file should be an image', () => {
    expect(shown([ofUrl('data:application/pdf;base64,QUJD'), file('image/png', 'a.png')])).toEqual([
      { document: { format: 'pdf', name: 'document', source: { bytes: 'QUJD' } } },
      { image: { format: 'png', source: { bytes: 'QUJD' } } },
    ])
  })

  test('one at S3 is read by models that read there', () => {
    expect(shown([ofUrl('s3://bucket/a.JPG')], NOVA)).toEqual([
      { image: { format: 'jpeg', source: { s3Location: { uri: 's3://bucket/a.JPG' } } } },
    ])
  })

  test('a wish for resolution is reported', () => {
    const source = { kind: 'data', mediaType: 'image/png', data: 'QUJD' } as const
    const parts = (detail: string) => [user({ kind: 'image', source, detail })]
    expect(encode({ messages: parts('high') }).warnings).toEqual(['detail:dropped'])
    expect(encode({ messages: parts('auto') }).warnings).toEqual([])
  })
})

describe('documents', () => {
  test.each<[string, string]>([
    ['application/pdf', 'pdf'],
    ['text/csv', 'csv'],
    ['text/html', 'html'],
    ['text/markdown', 'md'],
    ['text/plain', 'txt'],
    ['text/x-python', 'txt'],
    ['application/json', 'txt'],
    ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'],
  ])('%s is %s', (mediaType, format) => {
    expect(shown([file(mediaType, 'a')])).toEqual([
      { document: { format, name: 'a', source: { bytes: 'QUJD' } } },
    ])
  })

  test('one that came as text is the bytes of it', () => {
    const part = { kind: 'file', source: { kind: 'text', text: 'ä' }, name: 'a.txt' } as const
    expect(shown([part])).toEqual([
      { document: { format: 'txt', name: 'a', source: { bytes: 'w6Q=' } } },
    ])
    expect(shown([{ kind: 'file', source: { kind: 'text', text: ' ' } }])).toEqual([])
  })

  test.each([
    ['John’s report, final.pdf', 'John s report final'],
    ['a\tb  -  c.docx', 'a b - c'],
    ['분기보고서.pdf', 'document'],
    ['(1) [2] x-y', '(1) [2] x-y'],
    ['../../etc/passwd', 'etc passwd'],
    ['x'.repeat(300), 'x'.repeat(180)],
    ['.pdf', 'document'],
    [undefined, 'document'],
  ])('%s is called %s', (name, plain) => {
    expect(shown([file('application/pdf', name)])).toMatchObject([{ document: { name: plain } }])
  })

  test('each has a name of its own in the whole conversation', () => {
    const pdf = () => file('application/pdf', 'a.pdf')
    const messages = [user('1', pdf(), pdf()), assistant('2'), user('3', pdf())]
    const names = messagesOf([...messages, user('4', file('text/csv', 'a (2).csv'))]).flatMap(
      ({ content }) =>
        content.flatMap((block) => ('document' in block ? [block.document.name] : [])),
    )
    expect(names).toEqual(['a', 'a (2)', 'a (3)', 'a (2) (2)'])
  })

  test('one that nothing is said to has words beside it', () => {
    expect(messagesOf([user(file('application/pdf'))])[0]?.content.at(-1)).toEqual({
      text: 'See the document.',
    })
  })
})

describe('what a model does not take', () => {
  const audio: UserPart = { kind: 'audio', data: 'QUJD', format: 'mp3' }
  test.each<[string, UserPart, string, string | undefined]>([
    ['an image by URL', ofUrl('https://a.example/b.png'), 'image', undefined],
    ['an image at S3 elsewhere', ofUrl('s3://a/b.png'), 'image', CLAUDE_5],
    ['an image at S3 of no known type', ofUrl('s3://a/b'), 'image', NOVA],
    [
      'a file that another keeps',
      { kind: 'file', source: { kind: 'file', id: 'f' } },
      'file',
      undefined,
    ],
    ['an image for a model that does not see', image(), 'image', LLAMA],
    ['an odd image', image('image/tiff'), 'image', undefined],
    ['an archive', file('application/zip'), 'file', undefined],
    [
      'a document for a model that reads none',
      file('application/pdf'),
      'file',
      'amazon.nova-micro-v1:0',
    ],
    ['sound', audio, 'audio', undefined],
  ])('%s is refused by name, or left out where the caller is lenient', (_, part, param, model) => {
    const messages = [user('a', part)]
    expect(thrownBy(() => encode({ messages }, model))).toMatchObject({
      code: 'unsupported_parameter',
      details: { param },
    })
    const { body, warnings } = encode({ messages }, model, 'lenient')
    expect(body.messages).toEqual([{ role: 'user', content: [{ text: 'a' }] }])
    expect(warnings).toEqual([`${param}:dropped`])
  })

  test('a model that hears is given sound', () => {
    expect(shown([audio], 'mistral.voxtral-mini-3b-2507')).toEqual([
      { audio: { format: 'mp3', source: { bytes: 'QUJD' } } },
    ])
  })
})
