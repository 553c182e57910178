import { describe, expect, test } from 'vitest'
import { isReadOnTheWay } from '../../cli/connect/dial.ts'
import { messageMemory } from '../../cli/connect/message-memory.ts'
import { createPieces } from '../../cli/connect/pieces.ts'

describe('memory for messages', () => {
  test('is used again once a message was sent, and not before', () => {
    const memory = messageMemory(10_000)
    const [first, second] = [memory.take(9000), memory.take(10_000)]
    expect([first.length, second.length]).toEqual([9000, 10_000])
    expect(second.buffer).not.toBe(first.buffer)
    memory.giveBack(first)
    const third = memory.take(5000)
    expect([third.length, third.buffer]).toEqual([5000, first.buffer])
    expect(memory.take(5000).buffer).not.toBe(first.buffer)
  })

  test('of few bytes, and of very many, is not kept', () => {
    const memory = messageMemory(10_000)
    for (const length of [0, 100, 4096, 10_001]) {
      const message = memory.take(length)
      expect(message.length).toBe(length)
      memory.giveBack(message)
      expect(memory.take(9000).buffer).not.toBe(message.buffer)
    }
  })
})

test('pieces come out in order, as they came or smaller', () => {
  const pieces = createPieces()
  expect(pieces.isEmpty).toBe(true)
  for (const text of ['abcdef', '', 'gh', 'i']) pieces.add(Buffer.from(text))
  const taken = [4, 4, 1, 9, 9].map((count) => Buffer.from(pieces.take(count)).toString())
  expect([taken, pieces.isEmpty]).toEqual([['abcd', 'ef', 'g', 'h', 'i'], true])
})

test.each([
  ['wss://keyway.example.com/v1', false],
  ['ws://127.0.0.1:8787/v1', false],
  ['ws://localhost/v1', false],
  ['ws://[::1]:8787/v1', false],
  ['ws://127.0.0.1.a.test/v1', true],
  ['ws://10.0.0.1/v1', true],
  ['ws://keyway.example.com/v1', true],
])('whether a proxy could read what goes to %s: %s', (url, expected) => {
  expect(isReadOnTheWay(new URL(url))).toBe(expected)
})
