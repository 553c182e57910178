import { describe, expect, test } from 'vitest'
import type { ToolCallPart, ToolMessage } from '../../src/core/chat.ts'
import { toolCallPairs } from '../../src/core/tool-call-pairs.ts'
import { thrownBy } from '../thrown-by.ts'

const call = (id: string): ToolCallPart => ({ kind: 'tool-call', id, name: 'f', arguments: '' })
const result = (callId: string, text = ''): ToolMessage => ({
  role: 'tool',
  callId,
  content: [{ kind: 'text', text }],
})

/** Pairs rounds of calls and results; what each call and result was called, in order. */
function paired(...rounds: [calls: string[], results: ToolMessage[]][]) {
  const pairs = toolCallPairs((id) => id.replace('\0', '#'))
  return rounds.map(([calls, results]) => [
    calls.map((id) => pairs.open(call(id))),
    pairs
      .close(results)
      .map(({ call: { id: callersId }, result: { content }, id }) => [callersId, id, content[0]]),
  ])
}

test('#21 results come in the order of the calls', () => {
  expect(
    paired([
      ['a', 'b'],
      [result('b', '2'), result('a', '1')],
    ]),
  ).toEqual([
    [
      ['a', 'b'],
      [
        ['a', 'a', { kind: 'text', text: '1' }],
        ['b', 'b', { kind: 'text', text: '2' }],
      ],
    ],
  ])
})

test('#22 an id that occurs again has another id, the same for call and result', () => {
  const rounds = paired(
    [
      ['a', 'a'],
      [result('a', '1'), result('a', '2')],
    ],
    [['a'], [result('a', '3')]],
  )
  expect(rounds).toEqual([
    [
      ['a', 'a#2'],
      [
        ['a', 'a', { kind: 'text', text: '1' }],
        ['a', 'a#2', { kind: 'text', text: '2' }],
      ],
    ],
    [['a#3'], [['a', 'a#3', { kind: 'text', text: '3' }]]],
  ])
})

test('no calls and no results are a pair of nothing', () => {
  expect(paired([[], []])).toEqual([[[], []]])
})

describe('what does not add up is refused', () => {
  test.each<[string, [string[], ToolMessage[]][], RegExp]>([
    ['a call without its result', [[['a'], []]], /has no result/],
    ['one of two calls without its result', [[['a', 'b'], [result('b')]]], /has no result/],
    ['a result without a call', [[[], [result('a')]]], /answers no tool call/],
    ['a second result', [[['a'], [result('a'), result('a')]]], /answers no tool call/],
    [
      'a result of an earlier call',
      [
        [['a'], [result('a')]],
        [['b'], [result('a')]],
      ],
      /has no result/,
    ],
  ])('%s', (_, rounds, message) => {
    expect(thrownBy(() => paired(...rounds))).toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(message) as unknown,
      details: { param: 'messages' },
    })
  })
})
