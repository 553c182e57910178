import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/core/errors.ts'
import { openAiChatStream } from '../../src/formats/openai-chat/stream.ts'
import {
  type Deadlines,
  LINGER_MS,
  type Patience,
  startDeadlines,
} from '../../src/streams/deadlines.ts'
import { keepAlive } from '../../src/streams/keep-alive.ts'
import { type ByteStage, pump } from '../../src/streams/pump.ts'
import type { WatchedStage } from '../../src/streams/reading-stage.ts'
import { rewriteEvents } from '../../src/streams/rewrite.ts'
import { sseText } from '../../src/streams/sse.ts'
import { bytesOf, readAll, textOf, upstreamOf } from './byte-streams.ts'
import { type Clock, newClock, outcomeOf, settle } from './clock.ts'

const PATIENCE = { firstByteMs: 1000, idleMs: 100, totalMs: Infinity }

/** Deadlines from now on, and what is told of them. */
function started(patience: Patience = PATIENCE, clock: Clock = newClock(), fuller?: Patience) {
  const told: unknown[] = []
  const deadlines = startDeadlines(patience, clock, {
    late: (lateness) => told.push(lateness),
    broken: () => told.push('broken'),
    exactPatience: fuller && (() => fuller),
  })
  return { deadlines, clock, told }
}

describe('deadlines', () => {
  test.each<
    [
      name: string,
      patience: Patience,
      tell: (deadlines: Deadlines) => void,
      told: object,
      atMs: number,
    ]
  >([
    ['the first byte', PATIENCE, () => undefined, { kind: 'silent', limitMs: 1000 }, 1000],
    [
      'the first byte, which may be there sooner than the next',
      { ...PATIENCE, idleMs: 5000 },
      () => undefined,
      { kind: 'silent', limitMs: 1000 },
      1000,
    ],
    [
      'a pause',
      PATIENCE,
      (deadlines) => {
        deadlines.begin()
        deadlines.waitingSinceMs = 0
      },
      { kind: 'silent', limitMs: 100 },
      100,
    ],
    [
      'everything before anything',
      { ...PATIENCE, totalMs: 300 },
      () => undefined,
      { kind: 'unfinished', limitMs: 300 },
      300,
    ],
    [
      'everything, whoever reads or not',
      { ...PATIENCE, totalMs: 3000 },
      (deadlines) => deadlines.begin(),
      { kind: 'unfinished', limitMs: 3000 },
      3000,
    ],
    [
      'everything that nobody here sees',
      { ...PATIENCE, totalMs: 3000 },
      (deadlines) => deadlines.handOn(),
      { kind: 'unfinished', limitMs: 3000 },
      3000,
    ],
    [
      'a body that is taken in one go: what was left',
      PATIENCE,
      (deadlines) => deadlines.takeWhole(),
      { kind: 'unfinished', limitMs: 1000 },
      1000,
    ],
    [
      'a body that is taken in one go: at least one pause',
      { ...PATIENCE, idleMs: 1500 },
      (deadlines) => deadlines.takeWhole(),
      { kind: 'unfinished', limitMs: 1500 },
      1500,
    ],
  ])('are passed at their time: %s', async (_, patience, tell, what, atMs) => {
    const { deadlines, clock, told } = started(patience)
    tell(deadlines)
    await clock.pass(atMs - 1)
    expect([told, deadlines.isLate]).toEqual([[], false])
    await clock.pass(1)
    expect([told, deadlines.isLate]).toEqual([[what], true])
    await clock.pass(3000)
    expect(told).toHaveLength(1)
    expect(clock.timers).toBe(0)
  })

  test('find a pause at its time, however late the first byte was', async () => {
    const { deadlines, clock, told } = started()
    await clock.pass(150)
    deadlines.begin()
    deadlines.waitingSinceMs = clock.nowMs()
    await clock.pass(99)
    expect(told).toEqual([])
    await clock.pass(1)
    expect(told).toEqual([{ kind: 'silent', limitMs: 100 }])
  })

  test('do not hold where nobody waits, or nobody here sees anything', async () => {
    const reading = started()
    reading.deadlines.begin()
    const handed = started()
    handed.deadlines.handOn()
    expect(handed.clock.timers).toBe(0)
    for (const { clock, told } of [reading, handed]) {
      await clock.pass(5000)
      expect(told).toEqual([])
    }
  })

  test('are over when it is said so, whatever is said behind that', async () => {
    const { deadlines, clock, told } = started()
    deadlines.end()
    deadlines.begin()
    deadlines.takeWhole()
    deadlines.handOn()
    deadlines.breakOff()
    deadlines.waitingSinceMs = 0
    expect(clock.timers).toBe(0)
    await clock.pass(5000)
    expect(told).toEqual([])
  })

  test('are asked for in full when the guess is up, once', async () => {
    const fuller = { firstByteMs: 4000, idleMs: 3000, totalMs: Infinity }
    const { deadlines, clock, told } = started(PATIENCE, newClock(), fuller)
    await clock.pass(3999)
    expect(told).toEqual([])
    deadlines.begin()
    deadlines.waitingSinceMs = clock.nowMs()
    await clock.pass(2999)
    expect(told).toEqual([])
    await clock.pass(1)
    expect(told).toEqual([{ kind: 'silent', limitMs: 3000 }])
  })

  test('have one timer at a time, however long it takes', async () => {
    const { deadlines, clock } = started()
    deadlines.begin()
    for (let turn = 0; turn < 10; turn++) {
      expect(clock.timers).toBe(1)
      deadlines.waitingSinceMs = clock.nowMs()
      await clock.pass(70)
    }
    expect(clock.timersSet).toBeLessThan(15)
  })
})

/** A stage that lets everything through and says how it ended. */
const plain = (): ByteStage & { readonly ends: boolean[]; lefts: number } => {
  const made = {
    ends: [] as boolean[],
    lefts: 0,
    next: (bytes: Uint8Array) => (textOf(bytes) === 'skip' ? new Uint8Array(0) : bytes),
    end(cut: boolean) {
      made.ends.push(cut)
      return bytesOf(cut ? '[cut]' : '[end]')
    },
    left: () => void (made.lefts += 1),
  }
  return made
}

/** A stage for an answer that is whole with its last word. */
const withLastWord = (): ByteStage => {
  const made = {
    isOver: false,
    next(bytes: Uint8Array) {
      made.isOver ||= textOf(bytes) === 'last'
      return bytes
    },
    end: () => bytesOf(made.isOver ? '' : '[cut]'),
  }
  return made
}

describe('a pumped stream', () => {
  const CHUNKS = ['a', 'b', 'c', 'd'].map(bytesOf)

  test.each([0, 1, 2, 3, 4])('that stalls behind piece %i is cut there, and let go', async (at) => {
    const { deadlines, clock, told } = started()
    const upstream = upstreamOf(CHUNKS.slice(0, at), 'goes silent')
    const stage = plain()
    const text = pump(upstream.stream, stage, deadlines).then(readAll).then(textOf)
    const limitMs = at === 0 ? 1000 : 100
    const read = outcomeOf(text)
    await settle()
    await clock.pass(limitMs - 1)
    expect(read.value).toBe('waiting')
    await clock.pass(1)
    expect(await text).toBe(`${'abcd'.slice(0, at)}[cut]`)
    expect([told, stage.ends]).toEqual([[{ kind: 'silent', limitMs }], [true]])
    expect(upstream.cancelledFor).toBeDefined()
    expect(clock.timers).toBe(0)
  })

  test.each([0, 1, 2, 3, 4])(
    'that takes too long altogether is cut behind piece %i',
    async (at) => {
      const { deadlines, clock, told } = started({ ...PATIENCE, idleMs: 1000, totalMs: 500 })
      const upstream = upstreamOf(CHUNKS.slice(0, at), 'goes silent')
      const text = pump(upstream.stream, plain(), deadlines).then(readAll).then(textOf)
      await settle()
      await clock.pass(500)
      expect(await text).toBe(`${'abcd'.slice(0, at)}[cut]`)
      expect(told).toEqual([{ kind: 'unfinished', limitMs: 500 }])
    },
  )

  test('has begun with the first that the stage has to say, and not before', async () => {
    const { deadlines, clock, told } = started()
    const upstream = upstreamOf(['skip', 'skip'].map(bytesOf), 'goes silent')
    const stage = plain()
    const pumped = outcomeOf(pump(upstream.stream, stage, deadlines))
    await clock.pass(999)
    expect(pumped.value).toBe('waiting')
    await clock.pass(1)
    expect(told).toEqual([{ kind: 'silent', limitMs: 1000 }])
    expect(stage.ends).toEqual([true])
  })

  test('is not held against an upstream whose reader takes its time', async () => {
    const { deadlines, clock, told } = started()
    const stream = await pump(upstreamOf(CHUNKS).stream, plain(), deadlines)
    const reader = stream.getReader()
    const texts: string[] = []
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      texts.push(textOf(value))
      await clock.pass(500)
    }
    expect(texts.join('')).toBe('abcd[end]')
    expect(told).toEqual([])
    expect(clock.timers).toBe(0)
  })

  test('costs one timer, and one look at the clock for each read', async () => {
    const clock = newClock()
    const { deadlines } = started(PATIENCE, clock)
    const many = Array.from({ length: 500 }, () => bytesOf('x'))
    const looks = clock.looks
    await readAll(await pump(upstreamOf(many).stream, plain(), deadlines))
    expect([clock.timersSet, clock.timers]).toEqual([1, 0])
    expect(clock.looks - looks).toBeLessThanOrEqual(many.length + 1)
  })

  test.each(['ends', 'dies'] as const)(
    'has no timer any more when the upstream %s',
    async (how) => {
      const { deadlines, clock, told } = started()
      await readAll(await pump(upstreamOf(CHUNKS, how).stream, plain(), deadlines))
      expect(clock.timers).toBe(0)
      expect(told).toEqual(how === 'dies' ? ['broken'] : [])
    },
  )

  test.each([
    ['with it', ['a', 'last'], 'alast'],
    ['as the first thing of all', ['last'], 'last'],
    ['and says more', ['a', 'last', 'b'], 'alastb'],
  ])('that has said its last word %s and stays open is let go', async (_, chunks, all) => {
    const { deadlines, clock, told } = started()
    const upstream = upstreamOf(chunks.map(bytesOf), 'goes silent')
    const stage = withLastWord()
    const text = outcomeOf(pump(upstream.stream, stage, deadlines).then(readAll).then(textOf))
    await settle()
    await clock.pass(LINGER_MS - 1)
    expect([text.value, clock.timers]).toEqual(['waiting', 1])
    await clock.pass(1)
    expect([text.value, told, clock.timers]).toEqual([all, [], 0])
    expect(upstream.cancelledFor).toBeDefined()
  })

  test('that has said its last word and closes keeps its connection', async () => {
    const { deadlines, clock, told } = started()
    const upstream = upstreamOf(['a', 'last'].map(bytesOf))
    const text = textOf(await readAll(await pump(upstream.stream, withLastWord(), deadlines)))
    expect([text, told, clock.timers]).toEqual(['alast', [], 0])
    expect(upstream.cancelledFor).toBeUndefined()
  })

  test('has none when its reader has left, and nobody is told that it was late', async () => {
    const { deadlines, clock, told } = started()
    const upstream = upstreamOf(CHUNKS)
    const stage = plain()
    const reader = (await pump(upstream.stream, stage, deadlines)).getReader()
    await reader.read()
    await reader.cancel('gone')
    await expect.poll(() => stage.lefts).toBe(1)
    expect(clock.timers).toBe(0)
    await clock.pass(3000)
    expect(told).toEqual([])
    expect(stage.ends).toEqual([])
  })
})

describe('a sign of life to the caller', () => {
  const timeout = new GatewayError('upstream_timeout', 'too late')
  const stage = (): WatchedStage =>
    rewriteEvents({
      rewrite: ({ name, data }) => sseText(name, data),
      isLast: (event) => openAiChatStream.isLast(event),
      errorIn: () => undefined,
      failure: (error) => openAiChatStream.failure(error, 'req_1'),
      cutOff: () => timeout,
    })
  const HELLO = 'data: {"a":1}\n\n'
  const alive = {
    intervalMs: 300,
    sign: ': alive\n\n',
    failure: (error: unknown) => openAiChatStream.failure(error as GatewayError, 'req_1'),
  }

  test.each([
    ['before it begins', []],
    ['in its middle', [HELLO]],
  ])('keeps no upstream from being late %s', async (_, chunks) => {
    const clock = newClock()
    const { deadlines, told } = started({ ...PATIENCE, idleMs: 1000 }, clock)
    const upstream = upstreamOf(chunks.map(bytesOf), 'goes silent')
    const passed = stage()
    const opening = pump(upstream.stream, passed, deadlines).then((body) => {
      if (passed.earlyFailure !== undefined) throw passed.earlyFailure
      return { body, stage: through() }
    })
    const { nowMs } = clock
    const sleep = (milliseconds: number) =>
      new Promise<void>((wake) => void clock.startTimer(milliseconds, wake))
    const heard = keepAlive(opening, { ...alive, nowMs, sleep })
      .then(readAll)
      .then(textOf)
    for (let turn = 0; turn < 10; turn++) {
      await settle()
      await clock.pass(100)
    }
    const text = await heard
    expect(told).toEqual([{ kind: 'silent', limitMs: 1000 }])
    expect(text.split(alive.sign).length - 1).toBeGreaterThanOrEqual(2)
    expect(text).toContain('"code":"upstream_timeout"')
    expect(text).not.toContain('[DONE]')
  })
})

const through = (): WatchedStage => ({
  next: (bytes) => bytes,
  end: () => new Uint8Array(0),
  earlyFailure: undefined,
  failure: undefined,
})
