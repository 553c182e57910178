import { describe, expect, test } from 'vitest'
import { streamOfWhole } from '../../../src/formats/openai-chat/whole-as-stream.ts'

/** The events' data, read. */
const eventsOf = (body: unknown): unknown[] =>
  streamOfWhole(JSON.stringify(body))
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event): unknown => {
      const data = event.replace(/^data: /, '')
      return data === '[DONE]' ? data : JSON.parse(data)
    })

describe('a whole answer as a stream', () => {
  test('has its calls numbered, its reason kept, and its usage behind', () => {
    const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }
    const message = { role: 'assistant', content: null, tool_calls: [call, { ...call, id: 'b' }] }
    const usage = { prompt_tokens: 1, completion_tokens: 2 }
    const choices = [{ index: 0, message, finish_reason: 'tool_calls' }]
    expect(eventsOf({ id: 'x', object: 'chat.completion', choices, usage })).toMatchObject([
      { choices: [{ delta: { role: 'assistant', content: '' }, finish_reason: null }] },
      {
        choices: [
          {
            delta: {
              tool_calls: [
                { index: 0, id: 'a' },
                { index: 1, id: 'b' },
              ],
            },
          },
        ],
      },
      { choices: [{ delta: {}, finish_reason: 'tool_calls' }] },
      { id: 'x', object: 'chat.completion.chunk', choices: [], usage },
      '[DONE]',
    ])
  })

  test.each([undefined, null, '', 'null'])(
    'has come to its end where its reason is %j',
    (given) => {
      const choices = [{ message: { content: 'a' }, finish_reason: given }]
      expect(eventsOf({ choices }).at(-2)).toMatchObject({ choices: [{ finish_reason: 'stop' }] })
    },
  )

  test('has all its choices', () => {
    const choices = ['a', 'b'].map((content) => ({ message: { content } }))
    const texts = eventsOf({ choices }).map((event) => JSON.stringify(event))
    const indices = texts.flatMap((text) => /"index":(\d)/.exec(text)?.[1] ?? [])
    expect(indices).toEqual(['0', '0', '0', '1', '1', '1'])
  })

  test('is an error where it is one, and then has no good end', () => {
    expect(eventsOf({ error: { message: 'no' } })).toEqual([{ error: { message: 'no' } }])
  })

  test.each(['', '[]', '{', 'null'])('makes no sense of %j', (text) => {
    expect(() => streamOfWhole(text)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })
})
