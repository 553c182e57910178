import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/core/parse.ts'
import { reportRest } from '../../src/core/rest.ts'

function reported(rest: JsonObject, taken?: ReadonlySet<string>): string[] {
  const calls: string[] = []
  reportRest(
    rest,
    {
      changed: (name) => void calls.push(`${name} changed`),
      refused: (name, why) => void calls.push(`${name} refused: ${why}`),
    },
    taken,
  )
  return calls
}

describe('members that an encoder had no use for', () => {
  test.each<[JsonObject, string[]]>([
    [{}, []],
    [{ store: true, safety_identifier: 'u' }, ['store changed', 'safety_identifier changed']],
    [{ logit_bias: { 50256: -100 } }, ['logit_bias refused: the model has nothing like it.']],
    [{ inference_geo: 'us' }, ['inference_geo refused: the model has nothing like it.']],
    [{ modalities: ['text', 'audio'] }, ['modalities refused: the model has nothing like it.']],
    [
      { previous_response_id: 'resp_1' },
      ['previous_response_id refused: the model has nothing like it.'],
    ],
  ])('of %j: %j', (rest, expected) => {
    expect(reported(rest)).toEqual(expected)
  })

  test.each<[JsonObject]>([
    [{ logit_bias: {} }],
    [{ modalities: ['text'] }],
    [{ inference_geo: 'global' }],
    [{ background: false, store: false }],
    [{ prompt: null, functions: [] }],
  ])('%j asks for nothing', (rest) => {
    expect(reported(rest)).toEqual([])
  })

  test('what the encoder took is not reported', () => {
    expect(reported({ prompt: 'a', store: true }, new Set(['prompt']))).toEqual(['store changed'])
  })
})
