import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { type Effort, EFFORTS, type ReasoningWish } from '../../src/core/chat.ts'
import {
  budgetOfEffort,
  effortOf,
  effortOfBudget,
  nearestEffort,
} from '../../src/core/reasoning.ts'

test.each<[ReasoningWish, Effort | undefined]>([
  [{}, undefined],
  [{ isAdaptive: true }, undefined],
  [{ effort: 'none' }, 'none'],
  [{ effort: 'low', budgetTokens: 32_000 }, 'low'],
  [{ budgetTokens: 1024 }, 'low'],
  [{ budgetTokens: 1025 }, 'medium'],
  [{ budgetTokens: 8192 }, 'medium'],
  [{ budgetTokens: 8193 }, 'high'],
  [{ budgetTokens: 24_576 }, 'high'],
  [{ budgetTokens: 24_577 }, 'xhigh'],
])('%j is a wish for the effort %s', (wish, effort) => {
  expect(effortOf(wish)).toBe(effort)
})

test.each<[Effort, readonly Effort[], Effort | undefined]>([
  ['high', ['low', 'medium', 'high'], 'high'],
  ['max', ['low', 'medium', 'high'], 'high'],
  ['xhigh', ['max', 'high'], 'high'],
  ['minimal', ['low', 'high'], 'low'],
  ['none', ['low', 'high'], 'low'],
  ['medium', ['high', 'low'], 'low'],
  ['high', [], undefined],
])('of %s, a model that has %j gets %s', (wished, ladder, effort) => {
  expect(nearestEffort(wished, ladder)).toBe(effort)
})

const BUDGETS = [
  ['minimal', 1024, 'low'],
  ['low', 1024, 'low'],
  ['medium', 8192, 'medium'],
  ['high', 16_384, 'high'],
  ['xhigh', 24_576, 'high'],
  ['max', 32_768, 'xhigh'],
] as const

test.each(BUDGETS)('%s is a budget of %i tokens, which is %s', (effort, budget, again) => {
  expect(budgetOfEffort(effort)).toBe(budget)
  expect(effortOfBudget(budget)).toBe(again)
})

test('every effort but none has a budget, and every one of them is on the page', () => {
  expect(BUDGETS.map(([effort]) => effort)).toEqual(EFFORTS.filter((effort) => effort !== 'none'))
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/formats.md'), 'utf8')
  const [, told = ''] = /An effort becomes a budget([^.]*)\./.exec(page) ?? []
  for (const [effort, budget] of BUDGETS) {
    expect(told.replaceAll(/\s+/g, ' ')).toMatch(
      new RegExp(`\`${effort}\`(?: and \`low\`)? ${budget}`),
    )
  }
})
