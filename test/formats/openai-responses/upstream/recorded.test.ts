import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { openAiResponsesUpstream } from '../../../../src/formats/openai-responses/upstream.ts'
import { eventsIn, hasRecordedAnswers, recordedAnswers } from '../../recorded-answers.ts'
import { assembled, eventsOf, source } from './source.ts'

/** Answers that providers gave. */
const { streams, wholes, read } = recordedAnswers('openai-responses')
const chunksOf = (name: string) =>
  eventsIn(read(name)).map((event): JsonObject => JSON.parse(event))

describe.skipIf(!hasRecordedAnswers)('recorded answers', () => {
  test('there are some', () => {
    expect(streams.length).toBeGreaterThan(0)
    expect(wholes.length).toBeGreaterThan(0)
  })

  test.each(streams)('%s means the same streamed and whole', (name) => {
    const chunks = chunksOf(name)
    const answer = assembled(eventsOf(chunks))
    const { serviceTier: _, ...whole } = openAiResponsesUpstream.decodeAnswer(
      chunks.at(-1)?.['response'] as JsonObject,
      source(),
    )
    expect(answer).toEqual(whole)
    expect(answer?.content.length).toBeGreaterThan(0)
    expect(answer?.finish.reason).toBe(name.includes('tool') ? 'tool-calls' : 'stop')
    expect(answer?.usage?.outputTokens).toBeGreaterThan(0)
  })

  test.each(streams)('%s has no end until it is there', (name) => {
    const chunks = chunksOf(name)
    for (let count = 0; count < chunks.length; count++) {
      expect(assembled(eventsOf(chunks.slice(0, count)))).toBeUndefined()
    }
  })

  test.each(wholes)('%s is read', (name) => {
    const body = JSON.parse(read(name)) as JsonObject
    const answer = openAiResponsesUpstream.decodeAnswer(body, source())
    expect(answer.content.length).toBeGreaterThan(0)
    expect(answer.id).toMatch(/^resp_/)
    expect(answer.usage?.inputTokens).toBeGreaterThan(0)
  })
})
