import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/core/parse.ts'
import { bedrockConverseUpstream } from '../../../src/formats/bedrock-converse/upstream.ts'
import { eventsIn, hasRecordedAnswers, recordedAnswers } from '../recorded-answers.ts'
import { assembled, CLAUDE_37, eventsOf, type Frame, source } from './fixtures.ts'

/** Answers that Bedrock gave; each event is named by its one member. */
const { names, streams, wholes, read } = recordedAnswers('bedrock-converse')
const framesOf = (name: string) => eventsIn(read(name)).map((event): Frame => JSON.parse(event))
const from = source({ stop: ['END'] }, CLAUDE_37)

/** All that is said in a text of JSON under some names. */
const saidIn = (text: string, ...members: string[]) =>
  [...text.matchAll(/"(\w+)":\s*("(?:[^"\\]|\\.)*")/g)]
    .filter(([, member = '']) => members.includes(member))
    .map(([, , value = '']) => JSON.parse(value) as string)
    .join('')

describe.skipIf(!hasRecordedAnswers)('recorded answers', () => {
  test('there are some', () => {
    expect(streams.length).toBeGreaterThan(0)
    expect(wholes.length).toBeGreaterThan(0)
  })

  test.each(streams)('%s is whole once its last event is there, and not before', (name) => {
    const frames = framesOf(name)
    const answer = assembled(eventsOf(frames, from, false))
    expect(answer?.usage?.outputTokens).toBeGreaterThan(0)
    expect(answer?.finish.reason).toBe(name.includes('tool') ? 'tool-calls' : 'stop')
    for (let count = 0; count < frames.length; count++) {
      expect(assembled(eventsOf(frames.slice(0, count), from, false))).toBeUndefined()
    }
  })

  test.each(names)('every word of %s comes through', (name) => {
    const answer = wholes.includes(name)
      ? bedrockConverseUpstream.decodeAnswer(JSON.parse(read(name)) as JsonObject, from)
      : assembled(eventsOf(framesOf(name), from))
    const content = answer?.content ?? []
    const words = content.map((part) => (part.kind === 'tool-call' ? part.arguments : part.text))
    const proofs = content.flatMap((part) =>
      'proof' in part && part.proof !== undefined ? [part.proof.value] : [],
    )
    const isWholeCall = wholes.includes(name) && name.includes('tool')
    expect(content.length).toBeGreaterThan(0)
    if (isWholeCall) expect(words).toEqual(['{"command":"ls -l"}'])
    else expect(words.join('')).toBe(saidIn(read(name), 'text', 'input'))
    expect(proofs.join('')).toBe(saidIn(read(name), 'signature'))
  })
})
