import { expect, test } from 'vitest'
import type { ChatRequest } from '../../src/core/chat.ts'
import { compatOf } from '../../src/core/compat.ts'
import { reportUntranslated, untranslatedNotes } from '../../src/core/untranslated.ts'
import { thrownBy } from '../thrown-by.ts'

const NOTHING: ChatRequest = { messages: [], tools: [], stop: [], stream: false, rest: {} }

test('a member is noted once, a path each time', () => {
  const notes = untranslatedNotes()
  notes.changed('citations')
  notes.changed('citations')
  notes.refused('tools.0.type', 'No.')
  notes.refused('tools.0.type', 'No.')
  expect(notes.list).toEqual([
    { parameter: 'citations' },
    { parameter: 'tools.0.type', why: 'No.' },
    { parameter: 'tools.0.type', why: 'No.' },
  ])
})

test('members that are not known, less those without effect; never a name that is none', () => {
  const notes = untranslatedNotes()
  const object = { known: 1, other: 1, a: null, b: false, c: [], d: {}, 'x: 1\r\ny': 1, CANARY: 1 }
  notes.others(object, new Set(['known']), 'owner')
  expect(notes.list).toEqual([{ parameter: 'other' }, { parameter: 'owner' }])
})

test.each([
  ['strict', 'citations', []],
  ['default', 'tools.0.type', ['citations:dropped']],
  ['lenient', undefined, ['citations:dropped', 'tools.0.type:dropped']],
] as const)('%s: refused for %s, warned of %j', (mode, param, expected) => {
  const warnings: string[] = []
  const compat = compatOf({
    mode,
    target: 'p/m',
    names: {},
    warn: (warning) => warnings.push(warning),
  })
  const untranslated = [{ parameter: 'citations' }, { parameter: 'tools.0.type', why: 'No.' }]
  const error = thrownBy(() => reportUntranslated({ ...NOTHING, untranslated }, compat))
  if (param === undefined) expect(error).toBeUndefined()
  else expect(error).toMatchObject({ code: 'unsupported_parameter', details: { param } })
  expect(warnings).toEqual(expected)
})

test('nothing noted, nothing reported', () => {
  const compat = compatOf({ mode: 'strict', target: 'p/m', names: {}, warn: () => undefined })
  expect(thrownBy(() => reportUntranslated(NOTHING, compat))).toBeUndefined()
})
