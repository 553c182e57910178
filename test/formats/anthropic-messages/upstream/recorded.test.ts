import { describe, expect, test } from 'vitest'
import { assembleAnswer } from '../../../../src/core/assemble-answer.ts'
import type { ChatAnswer } from '../../../../src/core/chat.ts'
import { eventsIn, hasRecordedAnswers, recordedAnswers } from '../../recorded-answers.ts'
import { decode, stream } from './claude.ts'

/** Answers that Anthropic gave. */
const { streams, wholes, read } = recordedAnswers('anthropic-messages')
const eventsOf = (name: string) => eventsIn(read(name)).map((event): object => JSON.parse(event))

/** What two recordings of the same question have in common. */
const outlineOf = ({ content, finish, model, usage }: ChatAnswer) => ({
  kinds: content.map((part) => (part.kind === 'tool-call' ? part.name : part.kind)),
  finish,
  model,
  counted: Object.keys(usage ?? {}).toSorted(),
})

function assembled(name: string): ChatAnswer {
  const assembly = assembleAnswer()
  for (const event of stream(eventsOf(name), { areNamed: false })) assembly.next(event)
  return assembly.answer() ?? expect.fail(`${name} has no end`)
}

describe.skipIf(!hasRecordedAnswers)('recorded answers', () => {
  test.each(streams)('%s is a whole answer', (name) => {
    const events = stream(eventsOf(name))
    expect(events[0]?.kind).toBe('start')
    expect(events.at(-1)).toEqual({ kind: 'end' })
    expect(events.filter(({ kind }) => ['start', 'finish', 'error'].includes(kind))).toHaveLength(2)
    expect(assembled(name).usage?.outputTokens).toBeGreaterThan(0)
  })

  test.each(streams)('%s that is cut off anywhere is none', (name) => {
    const events = eventsOf(name)
    for (const length of events.keys()) {
      const kinds = stream(events.slice(0, length)).map(({ kind }) => kind)
      expect(kinds).not.toContain('end')
      expect(kinds).not.toContain('finish')
    }
  })

  test.each(wholes.filter((name) => streams.includes(name.replace('.json', '.chunks.txt'))))(
    '%s says the same as its stream',
    (name) => {
      const whole = decode(JSON.parse(read(name)))
      const { serviceTier: _tier, ...said } = whole
      expect(outlineOf(said)).toEqual(outlineOf(assembled(name.replace('.json', '.chunks.txt'))))
    },
  )

  test('#10 the last count is the one that counts', () => {
    expect(assembled('anthropic-message-delta-input-tokens.chunks.txt').usage).toEqual({
      inputTokens: 61,
      outputTokens: 2,
    })
  })

  test('#11 the usage of a second beginning is counted once', () => {
    expect(assembled('duplicate-message-start.chunks.txt')).toMatchObject({
      content: [{ kind: 'text', text: 'Hello, World!' }],
      usage: { inputTokens: 17, outputTokens: 227 },
    })
  })

  test('#13 reasoning comes before text, with its proof', () => {
    const { content } = assembled('anthropic-clear-thinking.1.chunks.txt')
    expect(content).toMatchObject([
      { kind: 'reasoning', proof: { family: 'claude', kind: 'signature' } },
      { kind: 'text', text: '925 ÷ 5 = 185' },
    ])
  })

  test('#39 a refusal is one in both', () => {
    expect(assembled('anthropic-refusal.chunks.txt').finish).toEqual({ reason: 'content-filter' })
    expect(decode(JSON.parse(read('anthropic-refusal.json'))).finish).toEqual({
      reason: 'content-filter',
    })
  })
})
