import { describe, expect, test } from 'vitest'
import type { ChatRequest } from '../../../../src/core/chat.ts'
import { assistant, call, encode, text, thought, user } from './claude.ts'

const short = { type: 'ephemeral' }

/** Where the marks of a body are, each by its path. */
function marksIn(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'cache_control' ? [path] : marksIn(member, path === '' ? name : `${path}.${name}`),
  )
}

const marked = (...said: string[]) =>
  ({ role: 'user', content: said.map((part) => text(part, {})) }) as const

describe('#33 marks of a cache', () => {
  test('stay with their parts, of every kind, and keep their time', () => {
    const { body, warnings } = encode({
      tools: [{ name: 'look' }, { name: 'find', cache: { ttl: '1h' } }],
      messages: [
        { role: 'system', content: [text('a', { ttl: '1h' }), text('b')] },
        user('c'),
        { role: 'assistant', content: [thought('t', 's'), text('d'), { ...call('x'), cache: {} }] },
        { role: 'tool', callId: 'x', content: [text('e')], cache: { ttl: '5m' } },
      ],
    })
    expect(marksIn(body)).toEqual([
      'tools.1',
      'system.0',
      'messages.1.content.2',
      'messages.2.content.0',
    ])
    expect(body['tools'][1].cache_control).toEqual({ ...short, ttl: '1h' })
    expect(body['system'][0].cache_control).toEqual({ ...short, ttl: '1h' })
    expect(body['messages'][1].content[2].cache_control).toEqual(short)
    expect(body['messages'][2].content[0].cache_control).toEqual({ ...short, ttl: '5m' })
    expect(warnings).toEqual([])
  })

  test('stay with images and files', () => {
    const image = {
      kind: 'image',
      source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' },
      cache: {},
    } as const
    const file = { kind: 'file', source: { kind: 'text', text: 'a' }, cache: {} } as const
    const { body } = encode({ messages: [{ role: 'user', content: [image, file] }] })
    expect(marksIn(body)).toEqual(['messages.0.content.0', 'messages.0.content.1'])
  })

  test('stay with instructions amid a conversation', () => {
    const { body } = encode({
      messages: [user('a'), { role: 'system', content: [text('b', {}), text('c')] }],
    })
    expect(marksIn(body)).toEqual(['messages.0.content.1'])
  })

  test.each<[string, Partial<ChatRequest>, string[]]>([
    [
      'the latest of the conversation',
      { messages: [marked('a', 'b', 'c'), assistant('d'), marked('e', 'f')] },
      [
        'messages.0.content.1',
        'messages.0.content.2',
        'messages.2.content.0',
        'messages.2.content.1',
      ],
    ],
    [
      'the last of the tools, the last of the system, then the latest',
      {
        tools: [
          { name: 'a', cache: {} },
          { name: 'b', cache: {} },
        ],
        messages: [
          { role: 'system', content: [text('a', {}), text('b', {})] },
          marked('c', 'd', 'e'),
        ],
      },
      ['tools.1', 'system.1', 'messages.0.content.1', 'messages.0.content.2'],
    ],
    [
      'the latest of the system before others of the tools',
      {
        tools: [
          { name: 'a', cache: {} },
          { name: 'b', cache: {} },
        ],
        messages: [{ role: 'system', content: [text('a', {}), text('b', {})] }, marked('c')],
      },
      ['tools.1', 'system.0', 'system.1', 'messages.0.content.0'],
    ],
  ])('no more than four stay: %s', (_, members, expected) => {
    const { body, warnings } = encode(members)
    expect(marksIn(body)).toEqual(expected)
    expect(warnings).toEqual(['cache_control:dropped'])
  })

  test('inside a result of a tool count as well', () => {
    const messages = [
      marked('a', 'b', 'c'),
      { role: 'assistant', content: [call('x')] } as const,
      { role: 'tool', callId: 'x', content: [text('d', {})], cache: {} } as const,
    ]
    expect(marksIn(encode({ messages }).body)).toEqual([
      'messages.0.content.1',
      'messages.0.content.2',
      'messages.2.content.0.content.0',
      'messages.2.content.0',
    ])
  })
})

describe('the wish to cache all', () => {
  const messages = [marked('a', 'b', 'c', 'd'), assistant('e'), user('f')]

  test('is passed on where the host understands it, and takes the place of a mark', () => {
    const { body } = encode({ messages, cache: { ttl: '1h' } })
    expect(body['cache_control']).toEqual({ ...short, ttl: '1h' })
    expect(marksIn(body['messages'])).toEqual(['0.content.1', '0.content.2', '0.content.3'])
  })

  test('is a mark at the end where it does not', () => {
    const { body } = encode({ messages, cache: {} }, { host: 'vertex' })
    expect(body).not.toHaveProperty('cache_control')
    expect(marksIn(body)).toEqual([
      'messages.0.content.1',
      'messages.0.content.2',
      'messages.0.content.3',
      'messages.2.content.0',
    ])
  })
})
