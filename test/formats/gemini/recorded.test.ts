import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/core/parse.ts'
import { geminiUpstream } from '../../../src/formats/gemini/upstream.ts'
import { assembled, eventsOf, source } from './fixtures.ts'

/** Answers that Google gave: a stream's chunks one a line, and whole ones. They are not kept here. */
const folder = join(process.env['RECORDED_ANSWERS'] ?? '', 'gemini')
const isThere = process.env['RECORDED_ANSWERS'] !== undefined && existsSync(folder)
const names = isThere ? readdirSync(folder).toSorted() : []

const streams = names.filter((name) => name.endsWith('.chunks.txt'))
const wholes = names.filter((name) => name.endsWith('.json'))
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const chunksOf = (name: string) =>
  read(name)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JsonObject)

interface Recorded {
  readonly candidates: readonly { readonly content?: { readonly parts?: readonly object[] } }[]
}

/** A stream's chunks as the whole answer that they are pieces of. */
function wholeOf(chunks: readonly JsonObject[]): JsonObject {
  const parts = (chunks as unknown as readonly Recorded[]).flatMap(
    ({ candidates }) => candidates[0]?.content?.parts ?? [],
  )
  const last = chunks.at(-1) as unknown as Recorded
  return { ...last, candidates: [{ ...last.candidates[0], content: { role: 'model', parts } }] }
}

const signaturesIn = (text: string) =>
  [...text.matchAll(/"thoughtSignature":\s*"([^"]+)"/g)].map((match) => match[1])

test.runIf(!isThere)(
  'recorded answers are not read: RECORDED_ANSWERS says not where they are',
  () => {
    expect(names).toEqual([])
  },
)

describe.runIf(isThere)('recorded answers', () => {
  test('there are some', () => {
    expect(streams.length).toBeGreaterThan(0)
    expect(wholes.length).toBeGreaterThan(0)
  })

  test.each(streams)('%s means the same streamed and whole', (name) => {
    const chunks = chunksOf(name)
    const answer = assembled(eventsOf(chunks))
    expect(answer).toEqual(geminiUpstream.decodeAnswer(wholeOf(chunks), source()))
    const isCall = name.includes('tool')
    expect(answer?.finish.reason).toBe(isCall ? 'tool-calls' : 'stop')
    expect(answer?.usage?.outputTokens).toBeGreaterThan(0)
  })

  test.each(streams)('%s has no end until it is there', (name) => {
    const chunks = chunksOf(name)
    for (let count = 0; count < chunks.length; count++) {
      expect(assembled(eventsOf(chunks.slice(0, count)))).toBeUndefined()
    }
  })

  test.each(wholes)('%s is read', (name) => {
    const answer = geminiUpstream.decodeAnswer(JSON.parse(read(name)) as JsonObject, source())
    expect(answer.content.length).toBeGreaterThan(0)
    expect(answer.id).toEqual(expect.any(String))
    expect(answer.model).toMatch(/^gemini-/)
  })

  test.each(names)('no signature of %s is lost', (name) => {
    const answer = name.endsWith('.json')
      ? geminiUpstream.decodeAnswer(JSON.parse(read(name)) as JsonObject, source())
      : assembled(eventsOf(chunksOf(name)))
    const kept = answer?.content.flatMap((part) =>
      'proof' in part && part.proof !== undefined ? [part.proof.value] : [],
    )
    expect(kept).toEqual(signaturesIn(read(name)))
    expect(kept).not.toEqual([])
  })
})
