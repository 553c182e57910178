import { describe, expect, test } from 'vitest'
import type { ReasoningProof } from '../../../../src/core/chat.ts'
import { packProof } from '../../../../src/core/reasoning-proof.ts'
import { decode, refusedPath } from './request.ts'

const asks = (...content: unknown[]) => [{ role: 'user', content }]
const says = (...content: unknown[]) => [{ role: 'assistant', content }]
const partsOf = (messages: unknown[]) => decode({ messages }).messages[0]?.content
const mark = { cache_control: { type: 'ephemeral', ttl: '1h' } }
const cache = { ttl: '1h' }

const image = (source: object) => ({ type: 'image', source })
const document = (source: object, more: object = {}) => ({ type: 'document', source, ...more })
const png = { type: 'base64', media_type: 'image/png', data: 'AAAA' }
const pngPart = { kind: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' } }
const pdf = { type: 'base64', media_type: 'application/pdf', data: 'JVBERg==' }
const pdfSource = { kind: 'data', mediaType: 'application/pdf', data: 'JVBERg==' }
const textPart = (text: string) => ({ kind: 'text', text })

describe('what users say', () => {
  test.each<[string, object, unknown[]]>([
    ['#33 text with a mark', { type: 'text', text: 'a', ...mark }, [{ ...textPart('a'), cache }]],
    ['a picture', image(png), [pngPart]],
    ['#33 a picture with a mark', { ...image(png), ...mark }, [{ ...pngPart, cache }]],
    [
      '#36 a media type with parameters, in capitals, under another name',
      image({ ...png, media_type: 'Image/JPG; charset=binary' }),
      [{ kind: 'image', source: { kind: 'data', mediaType: 'image/jpeg', data: 'AAAA' } }],
    ],
    ['base64 in lines', image({ ...png, data: 'AA\r\nAA' }), [pngPart]],
    [
      'a picture at an address',
      image({ type: 'url', url: 'https://x.example/a.png?b=.pdf' }),
      [{ kind: 'image', source: { kind: 'url', url: 'https://x.example/a.png?b=.pdf' } }],
    ],
    [
      '#36 a picture in its URL',
      image({ type: 'url', url: 'data:IMAGE/PNG;charset=x;base64,AAAA' }),
      [pngPart],
    ],
    [
      'a picture that the provider has',
      image({ type: 'file', file_id: 'file_1' }),
      [{ kind: 'image', source: { kind: 'file', id: 'file_1' } }],
    ],
    [
      'a PDF with a title and a mark',
      document(pdf, { title: 'T', ...mark }),
      [{ kind: 'file', source: pdfSource, name: 'T', cache }],
    ],
    [
      '#36 a document at an address, which is a PDF',
      document({ type: 'url', url: 'https://x.example/a?b=c' }),
      [
        {
          kind: 'file',
          source: { kind: 'url', url: 'https://x.example/a?b=c', mediaType: 'application/pdf' },
        },
      ],
    ],
    [
      'a document as text, after its context',
      document(
        { type: 'text', media_type: 'text/plain', data: 'D' },
        { context: 'C', title: null },
      ),
      [textPart('C'), { kind: 'file', source: { kind: 'text', text: 'D' } }],
    ],
    [
      'a document that the provider has',
      document({ type: 'file', file_id: 'file_1' }),
      [{ kind: 'file', source: { kind: 'file', id: 'file_1' } }],
    ],
    [
      'a document of a string',
      document({ type: 'content', content: 'D' }),
      [{ kind: 'file', source: { kind: 'text', text: 'D' } }],
    ],
    [
      'a document of texts',
      document({
        type: 'content',
        content: [
          { type: 'text', text: 'D' },
          { type: 'text', text: 'E' },
        ],
      }),
      [{ kind: 'file', source: { kind: 'text', text: 'D\n\nE' } }],
    ],
    [
      'a document with pictures, which falls into its parts',
      document(
        { type: 'content', content: [{ type: 'text', text: 'D' }, image(png)] },
        { title: 'T', ...mark },
      ),
      [textPart('T'), textPart('D'), { ...pngPart, cache }],
    ],
    [
      'something found',
      {
        type: 'search_result',
        title: 'T',
        source: 'https://x.example',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
        citations: { enabled: false },
        ...mark,
      },
      [{ ...textPart('T\nhttps://x.example\n\na\n\nb'), cache }],
    ],
  ])('%s', (_, block, expected) => {
    expect(partsOf(asks(block))).toEqual(expected)
  })

  test.each<[string, object]>([
    ['messages.0.content.0.type', {}],
    ['messages.0.content.0.type', { type: 7 }],
    ['messages.0.content.0.text', { type: 'text' }],
    ['messages.0.content.0.source', { type: 'image' }],
    ['messages.0.content.0.source.type', image({})],
    ['messages.0.content.0.source.type', image({ type: 'text', data: 'x' })],
    ['messages.0.content.0.source.data', image({ type: 'base64', media_type: 'image/png' })],
    ['messages.0.content.0.source.data', image({ ...png, data: '' })],
    ['messages.0.content.0.source.data', image({ ...png, data: 'data:image/png;base64,AAAA' })],
    ['messages.0.content.0.source.media_type', image({ type: 'base64', data: 'AAAA' })],
    ['messages.0.content.0.source.media_type', image({ ...png, media_type: 'png' })],
    ['messages.0.content.0.source.media_type', image({ ...png, media_type: 'image/png,x' })],
    ['messages.0.content.0.source.url', image({ type: 'url', url: 'file:///etc/passwd' })],
    ['messages.0.content.0.source.file_id', image({ type: 'file' })],
    ['messages.0.content.0.source', document('x' as never)],
    ['messages.0.content.0.source.data', document({ type: 'text' })],
    ['messages.0.content.0.title', document(pdf, { title: 7 })],
    [
      'messages.0.content.0.source.content.0.type',
      document({ type: 'content', content: [{ type: 'document' }] }),
    ],
    ['messages.0.content.0.title', { type: 'search_result', source: 's', content: [] }],
    [
      'messages.0.content.0.content.0.type',
      { type: 'search_result', title: 't', source: 's', content: [image(png)] },
    ],
  ])('refused for %s: %j', (path, block) => {
    expect(refusedPath({ messages: asks(block) })).toBe(path)
  })

  test('what a block says beyond its content is noted once', () => {
    const { untranslated } = decode({
      messages: [
        ...asks(
          document(pdf, { citations: { enabled: true } }),
          document(pdf, { citations: { enabled: true } }),
          { ...image(png), transformations: { oversized_image: 'error' } },
        ),
        ...says({ type: 'text', text: 'x', citations: [{ type: 'char_location' }] }),
        ...says({ type: 'text', text: 'x', citations: null }),
      ],
    })
    expect(untranslated).toEqual([{ parameter: 'citations' }, { parameter: 'transformations' }])
  })
})

describe('what assistants said', () => {
  const thinking = (text: string, signature?: unknown) => ({
    type: 'thinking',
    thinking: text,
    signature,
  })
  const signed = (kind: ReasoningProof['kind'], value: string) => ({
    family: 'claude',
    kind,
    value,
  })

  test.each<[string, object, unknown]>([
    [
      'reasoning that is signed',
      thinking('t', 's'),
      { text: 't', proof: signed('signature', 's') },
    ],
    [
      '#30 signed reasoning without its text',
      thinking('', 's'),
      { text: '', proof: signed('signature', 's') },
    ],
    ['reasoning with an empty signature', thinking('t', ''), { text: 't' }],
    ['reasoning without a signature', thinking('t'), { text: 't' }],
    [
      'redacted reasoning',
      { type: 'redacted_thinking', data: 'd' },
      { text: '', proof: signed('encrypted', 'd') },
    ],
  ])('%s', (_, block, expected) => {
    expect(partsOf(says(block))).toEqual([{ kind: 'reasoning', ...(expected as object) }])
  })

  test('reasoning of nothing is left out', () => {
    const nothing = [thinking('', ''), { type: 'redacted_thinking', data: '' }]
    expect(partsOf(says(...nothing, { type: 'text', text: 'x' }))).toEqual([textPart('x')])
  })

  test.each<[ReasoningProof, string]>([
    [{ family: 'gemini', kind: 'signature', value: 'a.b' }, 't'],
    [{ family: 'converse', kind: 'signature', value: 'x' }, 't'],
    [{ family: 'gpt', kind: 'signature', value: 'gAAA' }, ''],
  ])('proofs of other families know whose they are: %j', (proof, text) => {
    expect(partsOf(says(thinking(text, packProof(proof))))).toEqual([
      { kind: 'reasoning', text, proof },
    ])
  })

  test('encrypted reasoning is joined to the text that sums it up, unless it is Claude’s', () => {
    const sealed = (family: ReasoningProof['family']) =>
      ({ family, kind: 'encrypted', value: 'd' }) as const
    const redacted = (proof: ReasoningProof) => ({
      type: 'redacted_thinking',
      data: packProof(proof),
    })
    const [openai, claude] = [sealed('gpt'), sealed('claude')]
    expect(partsOf(says(thinking('t', ''), redacted(openai), redacted(openai)))).toEqual([
      { kind: 'reasoning', text: 't', proof: openai },
      { kind: 'reasoning', text: '', proof: openai },
    ])
    expect(partsOf(says(thinking('t', ''), redacted(claude)))).toEqual([
      { kind: 'reasoning', text: 't' },
      { kind: 'reasoning', text: '', proof: claude },
    ])
    expect(partsOf(says({ type: 'text', text: 'x' }, redacted(openai)))).toEqual([
      textPart('x'),
      { kind: 'reasoning', text: '', proof: openai },
    ])
  })

  test.each(['text', 'thinking', 'redacted_thinking'])('%s without its text is refused', (type) => {
    const path = refusedPath({ messages: says({ type, thinking: 7 }) })
    expect(path).toMatch(/^messages\.0\.content\.0\.(text|thinking|data)$/)
  })
})

describe('blocks that only Claude knows', () => {
  const found = { type: 'web_search_tool_result', tool_use_id: 's', content: [] }
  test.each<[string, unknown[], string[]]>([
    [
      'of the assistant',
      [
        ...says({ type: 'server_tool_use', id: 's', name: 'web_search', input: {} }, found, {
          type: 'text',
          text: 'x',
        }),
      ],
      ['messages.0.content.0.type', 'messages.0.content.1.type'],
    ],
    ['of the user', asks({ type: 'container_upload' }), ['messages.0.content.0.type']],
    [
      'in results',
      [
        ...says({ type: 'tool_use', id: 'a', name: 'f', input: {} }),
        ...asks({
          type: 'tool_result',
          tool_use_id: 'a',
          content: [{ type: 'tool_reference', tool_name: 'g' }],
        }),
      ],
      ['messages.1.content.0.content.0.type'],
    ],
  ])('%s are noted by their paths, with why they cannot be left out', (_, messages, paths) => {
    const { untranslated = [] } = decode({ messages })
    expect(untranslated.map(({ parameter }) => parameter)).toEqual(paths)
    for (const { why } of untranslated) expect(why).toMatch(/^"[a-z_]+" is known to models/)
  })

  test('the rest of the message stays', () => {
    expect(partsOf(says(found, { type: 'text', text: 'x' }))).toEqual([textPart('x')])
  })

  test('a type that is no name is not repeated', () => {
    const { untranslated = [] } = decode({ messages: says({ type: 'sk-CANARY' }) })
    expect(untranslated).toHaveLength(1)
    expect(JSON.stringify(untranslated)).not.toContain('CANARY')
  })
})
