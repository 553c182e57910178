import { describe, expect, test } from 'vitest'
import { geminiProfile } from '../../../src/providers/models/gemini.ts'

const thinking = (model: string): string => {
  const control = geminiProfile(model).thinking
  if (control === undefined) return 'none'
  if (control.kind === 'levels') return control.levels.join(' ')
  return `${control.minTokens}-${control.maxTokens}${control.canBeOff ? ' or off' : ''}`
}

describe('how hard a model can be told to think', () => {
  test.each([
    ['gemini-4-argon', 'low medium high'],
    ['gemini-4-carbon', 'low medium high'],
    ['gemini-4-hydrogen', 'low medium high xhigh'],
    ['gemini-3.8-flash', 'low medium high'],
    ['gemini-3.7-flash', 'low medium high'],
    ['gemini-3.6-flash', 'minimal low medium high'],
    ['gemini-3.5-flash', 'minimal low medium high'],
    ['gemini-3.5-flash-lite', 'minimal low medium high'],
    ['gemini-3.1-flash-lite', 'minimal low medium high'],
    ['gemini-3.1-pro-preview', 'low medium high'],
    ['gemini-3-flash-preview', 'minimal low medium high'],
    ['gemini-3-pro-preview', 'low high'],
    ['gemini-3-pro-image-preview', 'none'],
    ['gemini-2.5-pro', '128-32768'],
    ['gemini-2.5-flash', '1-24576 or off'],
    ['gemini-2.5-flash-preview-09-2025', '1-24576 or off'],
    ['gemini-2.5-flash-lite', '512-24576 or off'],
    ['gemini-2.5-flash-image', 'none'],
    ['gemini-2.0-flash-001', 'none'],
    ['gemini-1.5-pro-002', 'none'],
  ])('%s: %s', (model, expected) => {
    expect(thinking(model)).toBe(expected)
  })
})

describe('what came with a generation', () => {
  const traits = (model: string): string => {
    const { thinking: _, schemas, ...rest } = geminiProfile(model)
    const has = Object.entries(rest).flatMap(([name, value]) => (value ? [name] : []))
    return [schemas, ...has].toSorted().join(' ')
  }
  const generation1 = 'isSampled openapi takesPenalties'
  const generation2 = 'fetchesUrls isSampled openapi takesPenalties'
  const generation25 = 'fetchesUrls isSampled json-schema'
  const generation36 =
    'checksSignatures fetchesUrls hasCallIds json-schema takesJsonBesideTools takesMediaInResponses takesMediaResolution'
  const generation3 = generation36.replace('json-schema', 'isSampled json-schema')

  test.each([
    ['gemini-1.5-flash', generation1],
    ['gemini-2.0-flash-lite', generation2],
    ['gemini-2.5-pro', generation25],
    ['gemini-2.5-flash-lite', generation25],
    ['gemini-3-flash-preview', generation3],
    ['gemini-3.1-pro-preview', generation3],
    ['gemini-3.5-flash', generation3],
    ['gemini-3.5-flash-lite', generation36],
    ['gemini-3.6-flash', generation36],
    ['gemini-3.8-flash', generation36],
    ['gemini-4-argon', generation36],
  ])('%s', (model, expected) => {
    expect(traits(model)).toBe(expected)
  })
})

test.each(['gemini-5-neon', 'gemini-flash-latest', 'gemini-3.9-pro', '1234567890', '', 'toString'])(
  '%j is taken for the newest',
  (model) => {
    expect(geminiProfile(model)).toEqual(geminiProfile('gemini-4-argon'))
  },
)

test.each(['google/gemini-2.5-pro', 'publishers/google/models/gemini-2.5-pro', 'Gemini-2.5-Pro'])(
  '%s is gemini-2.5-pro',
  (model) => {
    expect(geminiProfile(model)).toEqual(geminiProfile('gemini-2.5-pro'))
  },
)
