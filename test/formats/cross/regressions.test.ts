import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

/**
 * Faults that gateways have had in the field. Each is prevented by tests whose titles bear its number, such as
 * `#21 parallel results are one turn`; the first is #1.
 */
const FAULTS = [
  'two parallel calls share an index',
  'a call without arguments has no JSON',
  'arguments that were cut off are made whole',
  'calls before a separate stop are no calls',
  'a signature longer than a chunk leaks raw bytes',
  'an error before the first byte is a 200, and one behind it a good end',
  'an exception in Amazon frames goes unheard',
  'a ping, a CRLF or half a character breaks the stream',
  'an empty first chunk, or one of usage alone, breaks the stream',
  'usage is overwritten with nothing, or counted twice',
  'a message that begins twice is told twice',
  'a stream that breaks off looks whole',
  'reasoning is lost, or stands behind the text',
  'indexes and ids of calls that are late, missing or repeated',
  'content that is an array in a delta',
  'several choices become one where nothing is translated',
  'a signature covers what changes on the way',
  'a session token goes with a key that it does not belong to',
  'a private key in another paste is refused, or a token is fetched from elsewhere',
  'text stands before the results of calls',
  'parallel results are several turns, or in another order than their calls',
  'ids that one provider gives and another refuses',
  'empty and blank texts are sent',
  'instructions in the middle are refused, or lost',
  'beta flags that a host does not know are sent to it',
  'sampling is sent to models that refuse it',
  'tools and reasoning on a surface that refuses both at once',
  'a forced tool on a model that refuses it',
  'a tool choice without tools, or calls without them',
  'thoughts are changed, left out or bound to another conversation',
  'calls of Gemini come back without their signatures',
  'members of schemas are lost',
  'cache marks are moved, or are too many',
  'reasoning that a provider wants back is not given back',
  'of several instructions only the first arrives',
  'media in data URLs of every spelling',
  'what callers name becomes part of a URL',
  'cached and reasoning tokens are counted twice, or not',
  'a refusal is told in one way streamed and in another way whole',
  'errors in shapes of their own are not understood',
  'what cannot succeed is tried again',
  'lists of models and counts of tokens that clients cannot read',
  'keys in other headers are not found, or are sent on',
  'a stop sequence that was met is not told',
]

const root = resolve(import.meta.dirname, '../..')
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts') && !path.endsWith('regressions.test.ts'))
  .map((path) => readFileSync(join(root, path), 'utf8'))

/** A title stands behind `test(`, `describe(` or what follows their tables, or first in a row of a table. */
const TITLE = /(?:\b(?:test|describe)\(|\)\(|^\s*\[)\s*(['"`])((?:(?!\1)[^\\\n]|\\.)*)\1/gm
const NUMBER = /(?<!\w)#(\d+)\b/g

const numbersIn = (text: string): readonly number[] =>
  [...text.matchAll(TITLE)].flatMap(([, , title = '']) =>
    [...title.matchAll(NUMBER)].map(([, number]) => Number(number)),
  )

test.each<[text: string, numbers: readonly number[]]>([
  [`test('#8 a ping', () => {})`, [8]],
  [`test.each(ROWS)(\n  "#24 %s's turns", () => {})`, [24]],
  [`describe.each([\n  [\n    \`#3 and #2\`, 1],\n])('of %s')`, [3, 2]],
  [`new Error('not a PKCS#1 key')`, []],
  [`test('a key in PKCS#1 form')`, []],
  [`expect(ids).toEqual(['#2', 'a#3'])`, []],
])('the numbers of faults in %j are %j', (text, numbers) => {
  expect(numbersIn(text)).toEqual(numbers)
})

test('every fault that gateways have had is in the title of a test', () => {
  const found = new Set(files.flatMap(numbersIn))
  expect(FAULTS).toHaveLength(44)
  expect(FAULTS.filter((_, index) => !found.has(index + 1))).toEqual([])
})
