import { expect, test } from 'vitest'
import { waitMsIn } from '../../src/core/wait-time.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')

test.each([
  ['7', 7000],
  ['1.5', 1500],
  ['34s', 34_000],
  ['34.074824224s', 34_074.824224],
  ['20ms', 20],
  ['6m0s', 360_000],
  ['1h2m3.5s', 3_723_500],
  ['1d', 86_400_000],
  [' 12 ', 12_000],
  ['2026-11-21T12:00:30Z', 30_000],
  ['2026-11-21T14:00:30.250+02:00', 30_250],
  ['Sat, 21 Nov 2026 12:01:00 GMT', 60_000],
])('%j is a time', (text, ms) => {
  expect(waitMsIn(text, NOW)).toBeCloseTo(ms, 6)
})

test.each([
  '',
  '0',
  '0s',
  '-5',
  '-1s',
  'soon',
  '5 minutes',
  '1m-2s',
  '12x',
  'NaN',
  'Infinity',
  '2026-11-21T11:59:59Z',
  'Fri, 20 Nov 2026 00:00:00 GMT',
  '2026-13-99T12:00:00Z',
  '9'.repeat(400),
])('%j is none', (text) => {
  expect(waitMsIn(text, NOW)).toBeUndefined()
})
