import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/core/parse.ts'
import { bedrockConverseUpstream } from '../../../src/formats/bedrock-converse/upstream.ts'
import { assembled, CLAUDE_37, eventsOf, type Frame, source } from './fixtures.ts'

/** Answers that Bedrock gave: a stream's events one a line, each named by its one member, and whole ones. */
const folder = join(process.env['RECORDED_ANSWERS'] ?? '', 'bedrock-converse')
const isThere = process.env['RECORDED_ANSWERS'] !== undefined && existsSync(folder)
const names = isThere ? readdirSync(folder).toSorted() : []

const streams = names.filter((name) => name.endsWith('.chunks.txt'))
const wholes = names.filter((name) => name.endsWith('.json'))
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const framesOf = (name: string) =>
  read(name)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Frame)
const from = source({ stop: ['END'] }, CLAUDE_37)

/** All that is said in a text of JSON under some names. */
const saidIn = (text: string, ...members: string[]) =>
  [...text.matchAll(/"(\w+)":\s*("(?:[^"\\]|\\.)*")/g)]
    .filter(([, member = '']) => members.includes(member))
    .map(([, , value = '']) => JSON.parse(value) as string)
    .join('')

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
