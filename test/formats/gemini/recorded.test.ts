import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/core/parse.ts'
import { geminiUpstream } from '../../../src/formats/gemini/upstream.ts'
import { eventsIn, hasRecordedAnswers, recordedAnswers } from '../recorded-answers.ts'
import { assembled, eventsOf, source } from './fixtures.ts'

/** Answers that Google gave. */
const { names, streams, wholes, read } = recordedAnswers('gemini')
const chunksOf = (name: string) =>
  eventsIn(read(name)).map((event): JsonObject => JSON.parse(event))

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

describe.skipIf(!hasRecordedAnswers)('recorded answers', () => {
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
