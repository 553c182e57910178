import { describe, expect, test } from 'vitest'
import type { ChatEvent } from '../../../src/core/chat-events.ts'
import type { JsonObject } from '../../../src/core/parse.ts'
import { encodeToolName } from '../../../src/formats/gemini/tool-names.ts'
import { geminiUpstream } from '../../../src/formats/gemini/upstream.ts'
import { thrownBy } from '../../thrown-by.ts'
import { assembled, chunk, eventsOf, proof, source } from './fixtures.ts'

const STOP = { finishReason: 'STOP' }
const functionCall = (name: string, args?: object, id?: string) => ({
  functionCall: { ...(id && { id }), name, ...(args && { args }) },
})
const kinds = (events: readonly ChatEvent[]) => events.map(({ kind }) => kind)
const finishOf = (events: readonly ChatEvent[]) => {
  const event = events.find(({ kind }) => kind === 'finish')
  return event?.kind === 'finish' ? event.finish.reason : undefined
}
const decodeWhole = (body: JsonObject, from = source()) => geminiUpstream.decodeAnswer(body, from)

describe('a stream', () => {
  test('starts, says what came as it came, and ends when it is closed', () => {
    const around = { responseId: 'r1', modelVersion: 'gemini-3.7-flash' }
    const events = eventsOf([
      chunk(
        [{ text: 'Hm.', thought: true }],
        {},
        { ...around, usageMetadata: { promptTokenCount: 5 } },
      ),
      chunk([{ text: 'Hel' }], {}, around),
      chunk([{ text: 'lo' }], STOP, {
        ...around,
        usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 2 },
      }),
    ])
    expect(events).toEqual([
      { kind: 'start', id: 'r1', model: 'gemini-3.7-flash', usage: { inputTokens: 5 } },
      { kind: 'reasoning', text: 'Hm.' },
      { kind: 'text', text: 'Hel' },
      { kind: 'text', text: 'lo' },
      { kind: 'usage', usage: { inputTokens: 5, outputTokens: 2 } },
      { kind: 'finish', finish: { reason: 'stop' } },
      { kind: 'end' },
    ])
  })

  test('#1 text in front of calls does not count them; parallel calls are numbered', () => {
    const parts = [
      { text: 'Both.' },
      functionCall('look', { at: 1 }),
      functionCall('look', { at: 2 }),
    ]
    const events = eventsOf([chunk(parts, STOP)])
    expect(events.slice(1, -2)).toEqual([
      { kind: 'text', text: 'Both.' },
      { kind: 'tool-call', call: 0, id: expect.any(String) as string, name: 'look' },
      { kind: 'tool-arguments', call: 0, text: '{"at":1}' },
      { kind: 'tool-call-end', call: 0 },
      { kind: 'tool-call', call: 1, id: expect.any(String) as string, name: 'look' },
      { kind: 'tool-arguments', call: 1, text: '{"at":2}' },
      { kind: 'tool-call-end', call: 1 },
    ])
  })

  test('#2 a call without arguments has an empty object', () => {
    expect(eventsOf([chunk([functionCall('look')], STOP)])).toContainEqual({
      kind: 'tool-arguments',
      call: 0,
      text: '{}',
    })
  })

  test('#3 what was cut off stays as it is', () => {
    const cut = { finishReason: 'MAX_TOKENS' }
    for (const chunks of [
      [chunk([functionCall('look', { at: 1 })]), chunk([], cut)],
      [chunk([functionCall('look', { at: 1 })], cut)],
    ]) {
      const events = eventsOf(chunks)
      expect(finishOf(events)).toBe('length')
      const texts = events.flatMap((event) => (event.kind === 'tool-arguments' ? [event.text] : []))
      expect(texts).toEqual(['{"at":1}'])
    }
    // Google sends no half calls: one that it could not finish is a failure.
    const malformed = { finishReason: 'MALFORMED_FUNCTION_CALL' }
    expect(kinds(eventsOf([chunk([], malformed)]))).toEqual(['start', 'error'])
  })

  test('an image is no answer where nothing is said beside it', () => {
    const image = { inlineData: { mimeType: 'image/png', data: 'aWNvbg==' } }
    const events = eventsOf([chunk([{ text: 'Hm.', thought: true }]), chunk([image], STOP)])
    expect(kinds(events)).toEqual(['start', 'reasoning', 'error'])
    // Another key or target would only be paid for another image.
    const error = { status: 400, message: expect.stringContaining('native') }
    expect(events.at(-1)).toMatchObject({ error })
    expect(kinds(eventsOf([chunk([image, { text: 'A cat.' }], STOP)])).at(-1)).toBe('end')
  })

  test('#4 a call in one chunk and STOP in a later one is a call', () => {
    const events = eventsOf([chunk([functionCall('look')]), chunk([{ text: '' }], STOP)])
    expect(finishOf(events)).toBe('tool-calls')
    expect(kinds(events)).not.toContain('text')
  })

  test('a reason to finish on every chunk is no end until the last', () => {
    const events = eventsOf([chunk([{ text: 'a' }], STOP), chunk([functionCall('look')], STOP)])
    expect(kinds(events)).toEqual([
      'start',
      'text',
      'tool-call',
      'tool-arguments',
      'tool-call-end',
      'finish',
      'end',
    ])
    expect(finishOf(events)).toBe('tool-calls')
  })

  test('#12 without a reason to finish it has no end', () => {
    expect(kinds(eventsOf([chunk([{ text: 'a' }])]))).toEqual(['start', 'text'])
    expect(
      kinds(eventsOf([chunk([{ text: 'a' }], { finishReason: 'FINISH_REASON_UNSPECIFIED' })])),
    ).toEqual(['start', 'text'])
    expect(eventsOf([])).toEqual([])
  })

  test('nothing is said of the end before it is closed', () => {
    expect(kinds(eventsOf([chunk([{ text: 'a' }], STOP)], source(), false))).toEqual([
      'start',
      'text',
    ])
  })

  test('other candidates, and parts that nobody asked for, are passed over', () => {
    const events = eventsOf([
      { candidates: [{ index: 1, content: { parts: [{ text: 'other' }] }, ...STOP }] },
      {
        candidates: [
          { index: 1, content: { parts: [{ text: 'other' }] } },
          {
            index: 0,
            content: {
              parts: [
                { executableCode: { language: 'PYTHON', code: '1' } },
                { codeExecutionResult: { outcome: 'OUTCOME_OK' } },
                { inlineData: { mimeType: 'image/png', data: 'aWNvbg==' } },
                null,
                { text: 'own' },
              ],
            },
            groundingMetadata: { webSearchQueries: ['x'] },
            ...STOP,
          },
        ],
      },
      '',
    ])
    expect(events.filter(({ kind }) => kind === 'text')).toEqual([{ kind: 'text', text: 'own' }])
    expect(kinds(events).at(-1)).toBe('end')
  })

  test.each(['{', '[]', 'null', '"a"'])('%s makes no sense', (data) => {
    expect(thrownBy(() => eventsOf([data]))).toMatchObject({ code: 'upstream_error' })
  })
})

describe('ids of calls', () => {
  const idsOf = (parts: readonly object[], requestId = 'req_1') =>
    eventsOf([chunk(parts, STOP)], { ...source(), requestId }).flatMap((event) =>
      event.kind === 'tool-call' ? [event.id] : [],
    )
  const parts = [functionCall('look'), functionCall('look')]

  test('are those that Gemini gives', () => {
    expect(idsOf([functionCall('look', {}, 'abc123'), functionCall('look')])[0]).toBe('abc123')
  })

  test('are else made from the request, unlike every other', () => {
    const ids = [...idsOf(parts, 'req_1'), ...idsOf(parts, 'req_2')]
    expect(new Set(ids).size).toBe(4)
    expect(ids).toEqual([...idsOf(parts, 'req_1'), ...idsOf(parts, 'req_2')])
    for (const id of ids) expect(id).toMatch(/^call_\d_[0-9A-Za-z]{9}$/)
  })

  test('names that Google did not take are found again', () => {
    const from = source({ tools: [{ name: 'look at' }] })
    expect(eventsOf([chunk([functionCall(encodeToolName('look at'))], STOP)], from)).toContainEqual(
      expect.objectContaining({ kind: 'tool-call', name: 'look at' }),
    )
  })
})

describe('signatures', () => {
  test('of a call are its proof', () => {
    const part = { ...functionCall('look'), thoughtSignature: 'UzE=' }
    expect(eventsOf([chunk([part], STOP)])).toContainEqual(
      expect.objectContaining({ kind: 'tool-call', proof: proof('UzE=') }),
    )
  })

  test.each<[string, object, string[]]>([
    [
      'a thought',
      { text: 'Hm.', thought: true, thoughtSignature: 'UzE=' },
      ['reasoning', 'reasoning-proof'],
    ],
    ['a text', { text: 'Hm.', thoughtSignature: 'UzE=' }, ['text', 'reasoning-proof']],
    ['an empty text', { text: '', thoughtSignature: 'UzE=' }, ['reasoning-proof']],
  ])('of %s prove reasoning', (_, part, expected) => {
    const events = eventsOf([chunk([part], STOP)])
    expect(kinds(events).slice(1, -2)).toEqual(expected)
    expect(events).toContainEqual({ kind: 'reasoning-proof', proof: proof('UzE=') })
  })

  test('#5 come whole, however long', () => {
    const long = 'A'.repeat(1_000_000)
    expect(eventsOf([chunk([{ text: '', thoughtSignature: long }], STOP)])).toContainEqual({
      kind: 'reasoning-proof',
      proof: proof(long),
    })
  })
})

describe('reasons to finish', () => {
  test.each([
    ['STOP', 'stop'],
    ['OTHER', 'stop'],
    ['NO_IMAGE', 'stop'],
    ['SOMETHING_NEW', 'stop'],
    ['toString', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['CONTINUATION', 'length'],
    ['SAFETY', 'content-filter'],
    ['RECITATION', 'content-filter'],
    ['LANGUAGE', 'content-filter'],
    ['BLOCKLIST', 'content-filter'],
    ['PROHIBITED_CONTENT', 'content-filter'],
    ['SPII', 'content-filter'],
    ['IMAGE_SAFETY', 'content-filter'],
    ['IMAGE_PROHIBITED_CONTENT', 'content-filter'],
  ])('#39 %s is %s, in a stream and in a whole answer', (finishReason, reason) => {
    const answer = chunk([{ text: 'a' }], { finishReason })
    expect(finishOf(eventsOf([answer]))).toBe(reason)
    expect(decodeWhole(answer).finish).toEqual({ reason })
  })

  test.each(['SAFETY', 'PROHIBITED_CONTENT', 'MODEL_ARMOR', 'JAILBREAK', 'OTHER'])(
    '#39 a prompt that is blocked (%s) is filtered, in a stream and in a whole answer',
    (blockReason) => {
      const blocked = { promptFeedback: { blockReason }, usageMetadata: { promptTokenCount: 9 } }
      expect(eventsOf([blocked])).toEqual([
        { kind: 'start', usage: { inputTokens: 9 } },
        { kind: 'usage', usage: { inputTokens: 9 } },
        { kind: 'finish', finish: { reason: 'content-filter' } },
        { kind: 'end' },
      ])
      expect(decodeWhole(blocked)).toEqual({
        content: [],
        finish: { reason: 'content-filter' },
        usage: { inputTokens: 9 },
      })
    },
  )

  test('a prompt that was looked at is not blocked', () => {
    const looked = chunk([{ text: 'a' }], STOP, {
      promptFeedback: { blockReason: 'BLOCKED_REASON_UNSPECIFIED' },
    })
    expect(finishOf(eventsOf([looked]))).toBe('stop')
  })

  test.each([
    'MALFORMED_FUNCTION_CALL',
    'MALFORMED_RESPONSE',
    'MALFORMED_OTHERWISE',
    'UNEXPECTED_TOOL_CALL',
    'TOO_MANY_TOOL_CALLS',
  ])('%s is an error, in a stream and in a whole answer', (finishReason) => {
    const answer = chunk([], { finishReason, finishMessage: 'print(1)' })
    const events = eventsOf([chunk([{ text: 'a' }]), answer, chunk([{ text: 'b' }], STOP)])
    expect(kinds(events)).toEqual(['start', 'text', 'error'])
    expect(events.at(-1)).toMatchObject({
      error: { code: finishReason, message: expect.stringContaining('print(1)') as string },
    })
    expect(thrownBy(() => decodeWhole(answer))).toMatchObject({
      code: 'upstream_error',
      status: 502,
    })
  })
})

describe('errors', () => {
  const error = { code: 503, message: 'Overloaded.', status: 'UNAVAILABLE' }

  test('#6 in a stream end it', () => {
    const events = eventsOf([chunk([{ text: 'a' }], STOP), { error }, chunk([{ text: 'b' }])])
    expect(events.slice(1)).toEqual([
      { kind: 'text', text: 'a' },
      { kind: 'error', error: { message: 'Overloaded.', code: 'UNAVAILABLE', status: 503 } },
    ])
  })

  test.each([[{}], [null], ['x'], [{ code: 0 }], [{ code: '503' }]])('%j is one too', (strange) => {
    expect(eventsOf([{ error: strange }])).toEqual([
      { kind: 'error', error: { message: 'The provider reported an error.' } },
    ])
  })

  test('in a whole answer keep their status', () => {
    expect(thrownBy(() => decodeWhole({ error }))).toMatchObject({
      code: 'upstream_error',
      status: 503,
      message: 'Overloaded.',
      details: { upstream: { code: 'UNAVAILABLE' } },
    })
  })

  test.each([[{}], [{ candidates: [] }], [{ candidates: 'x' }], [{ a: 1 }]])(
    '%j is no answer',
    (body) => {
      expect(thrownBy(() => decodeWhole(body))).toMatchObject({ code: 'upstream_error' })
    },
  )
})

describe('#38 usage', () => {
  const usageOf = (...counts: readonly object[]) =>
    assembled(
      eventsOf([
        ...counts.map((usageMetadata) => chunk([], {}, { usageMetadata })),
        chunk([], STOP),
      ]),
    )?.usage

  test('the input is with the cache and the use of tools, the output with thoughts', () => {
    expect(
      usageOf({
        promptTokenCount: 100,
        toolUsePromptTokenCount: 10,
        cachedContentTokenCount: 60,
        candidatesTokenCount: 20,
        thoughtsTokenCount: 5,
        totalTokenCount: 135,
      }),
    ).toEqual({ inputTokens: 110, cachedInputTokens: 60, outputTokens: 25, reasoningTokens: 5 })
  })

  test('counts grow, and are not added up; one that is not repeated stays', () => {
    expect(
      usageOf(
        { promptTokenCount: 9, cachedContentTokenCount: 4, candidatesTokenCount: 1 },
        { promptTokenCount: 9, candidatesTokenCount: 7 },
      ),
    ).toEqual({ inputTokens: 9, cachedInputTokens: 4, outputTokens: 7 })
  })

  test('nothing is made up', () => {
    expect(usageOf()).toBeUndefined()
    expect(usageOf({ thoughtsTokenCount: 3 })).toEqual({ outputTokens: 3, reasoningTokens: 3 })
    expect(usageOf({ promptTokenCount: 'x' })).toBeUndefined()
  })
})

test('a whole answer means what its stream does', () => {
  const around = { responseId: 'r1', modelVersion: 'm', usageMetadata: { promptTokenCount: 1 } }
  const parts = [
    { text: 'Hm.', thought: true },
    { text: 'Both. ', thoughtSignature: 'UzE=' },
    { text: 'Now.' },
    { ...functionCall('look', { at: 1 }), thoughtSignature: 'UzI=' },
    functionCall('look', { at: 2 }),
  ]
  const streamed = eventsOf([
    ...parts.map((part) => chunk([part], {}, around)),
    chunk([{ text: '' }], STOP, around),
  ])
  const whole = decodeWhole(chunk(parts, STOP, around))
  expect(assembled(streamed)).toEqual(whole)
  expect(whole).toMatchObject({
    id: 'r1',
    model: 'm',
    content: [
      { kind: 'reasoning', text: 'Hm.' },
      { kind: 'text', text: 'Both. ' },
      { kind: 'reasoning', text: '', proof: proof('UzE=') },
      { kind: 'text', text: 'Now.' },
      { kind: 'tool-call', arguments: '{"at":1}', proof: proof('UzI=') },
      { kind: 'tool-call', arguments: '{"at":2}' },
    ],
    finish: { reason: 'tool-calls' },
  })
})
