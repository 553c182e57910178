import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allowsEveryModel, allowsModel, matchesWildcard } from '../../src/core/patterns.ts'

/** The same by a regular expression, as nobody should do with patterns from outside. */
function byRegularExpression(pattern: string, text: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`))
    .join('[^]*')
  return new RegExp(`^${source}$`).test(text)
}

describe('matchesWildcard', () => {
  const few = fc.array(fc.constantFrom('a', 'b', '.', '*', '/'), { maxLength: 8 })
  const letters = fc.array(fc.constantFrom('a', 'b', '.', '/', '\n'), { maxLength: 10 })

  test.each([
    ['*', '', true],
    ['**', '', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*a*a', 'aa', false],
    ['a*a*a', 'aaa', true],
    ['*ab*', 'ba', false],
    ['a*b*c', 'a-c-b', false],
    ['a*b*c', 'a-b-c', true],
    ['a', 'aa', false],
    ['', '', true],
    ['', 'a', false],
  ])('%j matches %j: %s', (pattern, text, expected) => {
    expect(matchesWildcard(pattern, text)).toBe(expected)
  })

  test('agrees with a regular expression', () => {
    fc.assert(
      fc.property(few, letters, (pattern, text) => {
        expect(matchesWildcard(pattern.join(''), text.join(''))).toBe(
          byRegularExpression(pattern.join(''), text.join('')),
        )
      }),
      { numRuns: 20_000 },
    )
  })

  test('matches a text that was made from the pattern', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string(), { minLength: 1 }), (pattern, fillings) => {
        let next = 0
        const text = pattern.replaceAll('*', () => fillings[next++ % fillings.length] ?? '')
        expect(matchesWildcard(pattern, text)).toBe(true)
      }),
    )
  })

  test('takes no time to speak of for a pattern made to be slow', () => {
    const started = performance.now()
    expect(matchesWildcard(`${'a*'.repeat(200)}b`, 'a'.repeat(100_000))).toBe(false)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})

describe('allowsModel', () => {
  test.each([
    [[], 'any', true],
    [['gpt-5.5'], 'gpt-5.5', true],
    [['gpt-5.5'], 'gpt-5.5-mini', false],
    [['gpt-5.5'], 'gpt-5x5', false],
    [['gpt-*'], 'gpt-5.5', true],
    [['gpt-*'], 'GPT-5.5', false],
    [['*'], 'any', true],
    [['openai/gpt-*'], 'gpt-5.5', true],
    [['openai/*'], 'gpt-5.5', true],
    [['xai/*'], 'gpt-5.5', false],
    [['xai/*', 'gpt-5.5'], 'gpt-5.5', true],
    [['*/gpt-5.5'], 'gpt-5.5', true],
    // A pattern without a slash is for the model's id alone, which may hold slashes itself.
    [['openai*'], 'gpt-5.5', false],
    [['openai/a/b'], 'a/b', true],
    [['a/b'], 'a/b', false],
    [['a*'], 'a/b', true],
    [[''], 'gpt-5.5', false],
  ])('%j for openai/%s: %s', (patterns, model, allowed) => {
    expect(allowsModel(patterns, 'openai', model)).toBe(allowed)
  })

  test.each([
    [['byom/lab'], 'llama-4', true],
    [['byom/lab'], 'a/b', true],
    [['byom/lab/*'], 'llama-4', true],
    [['byom/lab/llama-4'], 'llama-4', true],
    [['byom/lab/llama-4'], 'llama-5', false],
    [['byom/la'], 'llama-4', false],
    [['byom/laboratory'], 'llama-4', false],
    [['byom/*'], 'llama-4', true],
    [['byom'], 'llama-4', false],
    [['llama-*'], 'llama-4', true],
  ])('%j for byom/lab/%s: %s', (patterns, model, allowed) => {
    expect(allowsModel(patterns, 'byom/lab', model)).toBe(allowed)
  })
})

describe('allowsEveryModel', () => {
  test.each<[readonly string[], string, boolean]>([
    [[], 'openai', true],
    [['*'], 'openai', true],
    [['gpt-*', '*'], 'openai', true],
    [['openai/*'], 'openai', true],
    [['byom/lab'], 'byom/lab', true],
    [['byom/*'], 'byom/lab', true],
    [['*/*'], 'openai', true],
    [['gpt-*'], 'openai', false],
    [['openai*'], 'openai', false],
    [['openai/gpt-*'], 'openai', false],
    [['openai/*o'], 'openai', false],
    [['openai'], 'openai', false],
    [['byom/lab/llama'], 'byom/lab', false],
    [['mistral/*'], 'openai', false],
  ])('%j for %s: %s', (patterns, provider, allowed) => {
    expect(allowsEveryModel(patterns, provider)).toBe(allowed)
  })

  test('is never true where one model is not allowed', () => {
    const pattern = fc
      .array(fc.constantFrom('openai', '/', '*', 'gpt', '-'), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(
        fc.array(pattern, { minLength: 1, maxLength: 3 }),
        fc.string(),
        (patterns, id) => {
          fc.pre(allowsEveryModel(patterns, 'openai'))
          expect(allowsModel(patterns, 'openai', id)).toBe(true)
        },
      ),
      { numRuns: 2000 },
    )
  })
})
