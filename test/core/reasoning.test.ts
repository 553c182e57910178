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

test('a harder effort never has a smaller budget, and comes back as an effort no harder', () => {
  const efforts = EFFORTS.filter((effort) => effort !== 'none')
  const budgets = efforts.map(budgetOfEffort)
  expect(budgets).toEqual(budgets.toSorted((a, b) => a - b))
  for (const effort of efforts) {
    const again = effortOfBudget(budgetOfEffort(effort))
    expect(Math.abs(EFFORTS.indexOf(again) - EFFORTS.indexOf(effort))).toBeLessThanOrEqual(1)
  }
  expect(budgets[0]).toBeGreaterThanOrEqual(1024)
})
