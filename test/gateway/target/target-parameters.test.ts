import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/core/parse.ts'
import { withEdits } from '../../../src/gateway/target/edits.ts'
import { withLimits } from '../../../src/gateway/target/target-parameters.ts'

const callOf = (text: string) => ({
  text,
  body: JSON.parse(text) as JsonObject,
  model: 'fast',
  modelInBody: 'fast',
  wantsStream: false,
})

function limited(text: string, limits: Readonly<Record<string, number>>) {
  const warnings: string[] = []
  const call = withLimits(callOf(text), limits, (warning) => warnings.push(warning))
  expect(call.body).toEqual(JSON.parse(call.text))
  return { text: call.text, warnings }
}

describe('what a target allows at most', () => {
  test.each([
    ['lowers what is above it', '{"temperature":1.50,"n": 2}', '{"temperature":1,"n": 2}'],
    ['leaves what is at it', '{"temperature":1.0}', undefined],
    ['leaves what is below it', '{"temperature":0.2}', undefined],
    ['adds nothing', '{"top_p":1}', undefined],
    ['leaves what is no number', '{"temperature":"9"}', undefined],
    ['leaves null', '{"temperature":null}', undefined],
    ['leaves what is further down', '{"nested":{"temperature":9}}', undefined],
  ])('%s', (_, text, expected) => {
    expect(limited(text, { temperature: 1 })).toEqual({
      text: expected ?? text,
      warnings: expected === undefined ? [] : ['temperature:lowered'],
    })
  })

  test.each(['max_tokens', 'max_completion_tokens', 'max_output_tokens'])(
    'of an answer’s length holds by each of its names: %s',
    (field) => {
      for (const name of ['max_tokens', 'max_completion_tokens', 'max_output_tokens']) {
        expect(limited(`{"${field}":9000}`, { [name]: 4096 })).toEqual({
          text: `{"${field}":4096}`,
          warnings: [`${field}:lowered`],
        })
      }
    },
  )

  test('is the least, where it is said by two names', () => {
    for (const limits of [
      { max_tokens: 50, max_output_tokens: 70 },
      { max_tokens: 70, max_output_tokens: 50 },
    ]) {
      expect(limited('{"max_tokens":99}', limits).text).toBe('{"max_tokens":50}')
    }
  })

  test('changes nothing where there is none', () => {
    const call = callOf('{"temperature":9}')
    expect(withLimits(call, undefined, expect.unreachable)).toBe(call)
  })
})

test('fields of a body that is written anew get their other names in place', () => {
  const edits = { set: { b: 2 }, remove: ['x'], rename: { a: 'x', c: 'b' } }
  expect(Object.entries(withEdits({ a: 1, x: 0, c: 3 }, edits))).toEqual([
    ['x', 1],
    ['b', 2],
  ])
})
