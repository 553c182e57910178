import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/core/parse.ts'
import { withModelOverride, withOverrides } from '../../../src/gateway/target/overrides.ts'

const text =
  '{"model":"fast", "temperature":1.0,"seed":12345678901234567890,"nested":{"temperature":9}}'
const call = {
  text,
  body: JSON.parse(text) as JsonObject,
  model: 'fast',
  modelInBody: 'fast',
  wantsStream: false,
}

describe('overrides', () => {
  test.each([
    ['replace a field', { temperature: 0.2 }, text.replace('1.0', '0.2')],
    ['add one', { top_p: 0.5 }, text.replace(/\}$/, ',"top_p":0.5}')],
    ['take one out', { temperature: null }, text.replace(' "temperature":1.0,', '')],
    ['take none out that is not there', { top_k: null }, text],
    [
      'replace objects as a whole',
      { nested: { a: 1 } },
      text.replace('{"temperature":9}', '{"a":1}'),
    ],
  ])('%s, and leave every other byte', (_, overrides, expected) => {
    const changed = withOverrides(call, overrides)
    expect(changed.text).toBe(expected)
    expect(changed.body).toEqual(JSON.parse(expected))
    expect(changed.model).toBe('fast')
  })

  test('that are none change nothing', () => {
    expect(withOverrides(call, undefined)).toBe(call)
    expect(withOverrides(call, {})).toBe(call)
  })

  test('of the model name another of the same place', () => {
    const name = { kind: 'endpoint', endpointName: 'lab', model: undefined } as const
    expect(withModelOverride(name, { model: 'llama-4' })).toEqual({ ...name, model: 'llama-4' })
    expect(withModelOverride(name, { model: 7 })).toBe(name)
    expect(withModelOverride(name, undefined)).toBe(name)
  })
})
