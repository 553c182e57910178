import { describe, expect, test, vi } from 'vitest'
import { createDisplay } from '../../cli/connect/display.ts'
import type { Happening } from '../../cli/connect/happening.ts'
import { newStatus, remarkText, statusAfter, statusText } from '../../cli/connect/status-line.ts'
import { type Machine, thisMachine } from '../../cli/machine.ts'

const request: Happening = {
  event: 'request',
  connection: 1,
  stream: 7,
  method: 'POST',
  path: '/v1/chat/completions',
  status: 200,
  outcome: 'done',
  firstByteMs: 210,
  ms: 2_400,
  receivedBytes: 900,
  sentBytes: 12_000,
}
const failed: Happening = { ...request, outcome: 'model_failed' }
const lost: Happening = { event: 'disconnected', connection: 2, reason: 'Gone.', retryInMs: 800 }

describe('the status line', () => {
  const after = (...happenings: readonly Happening[]): string => {
    const status = happenings.reduce(statusAfter, newStatus('lab', 2, 0))
    return statusText(status, 3, 2 * 3_600_000 + 5 * 60_000)
  }
  const connected = (connection: number): Happening => ({ event: 'connected', connection, ms: 90 })

  test.each<[readonly Happening[], string]>([
    [[], 'lab · not connected · 3 running · 0 done · up 2 h 5 min'],
    [[connected(1), connected(2)], 'lab · connected 2/2 · 3 running · 0 done · up 2 h 5 min'],
    [[connected(1), connected(2), lost], 'lab · connected 1/2 · 3 running · 0 done · up 2 h 5 min'],
    [
      [connected(1), request, failed, { ...request, outcome: 'cancelled' }],
      'lab · connected 1/2 · 3 running · 1 done · 1 failed · up 2 h 5 min',
    ],
    [[{ event: 'draining', running: 3 }], 'lab · finishing · 3 running · 0 done · up 2 h 5 min'],
  ])('%j', (happenings, text) => {
    expect(after(...happenings)).toBe(text)
  })

  test.each([
    [5_000, 'up 5 s'],
    [61_000, 'up 1 min'],
    [50 * 3_600_000, 'up 2 d 2 h'],
  ])('after %i ms', (now, text) => {
    expect(statusText(newStatus('lab', 1, 0), 0, now)).toContain(text)
  })

  test('above it stands what is not as it should be', () => {
    expect(remarkText(request)).toBeUndefined()
    expect(remarkText(lost)).toBe('Gone. Trying again in 0.8 s.')
    expect(remarkText({ ...lost, advice: 'Ask for it.' })).toBe(
      'Gone. Ask for it. Trying again in 0.8 s.',
    )
    expect(remarkText({ event: 'disconnected', connection: 1, reason: 'Revoked.' })).toBe(
      'Revoked.',
    )
    expect(remarkText(failed)).toBe(
      'POST /v1/chat/completions ended after 200: model_failed (2.4 s)',
    )
    expect(remarkText({ event: 'stopped', unfinished: 2 })).toBe('2 requests were cut off.')
  })
})

describe('the display', () => {
  const options = { endpoint: 'lab', connections: 1, running: () => 0, isJson: false }

  test('changes one line of a terminal, and never writes beyond its width', () => {
    vi.useFakeTimers({ now: 0 })
    let written = ''
    const terminal = { columns: () => 20, write: (text: string) => void (written += text) }
    const display = createDisplay({ ...thisMachine(), terminal }, options)
    display.note({ ...lost, reason: '\u001B[2JGone.' })
    vi.advanceTimersByTime(1_000)
    display.close()
    vi.useRealTimers()
    const clear = '\r\u001B[K'
    const line = 'lab · not connected'
    expect(written).toBe(
      `${clear}${line}${clear} [2JGone. Trying again in 0.8 s.\n${line}${clear}${line}\n`,
    )
  })

  test.each([
    ['without a terminal', {}, false],
    ['with --json', { terminal: { columns: () => 80, write: () => undefined } }, true],
  ])('%s writes lines of JSON', (_, more: Partial<Machine>, isJson) => {
    const lines: string[] = []
    const { terminal: __, ...machine } = thisMachine()
    const tell = (text: string): void => void lines.push(text)
    const now = (): Date => new Date(0)
    const display = createDisplay({ ...machine, ...more, tell, now }, { ...options, isJson })
    display.note(failed)
    display.close()
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        time: '1970-01-01T00:00:00.000Z',
        level: 'warn',
        event: 'request',
        endpoint: 'lab',
        connection: 1,
        stream: 7,
        method: 'POST',
        path: '/v1/chat/completions',
        status: 200,
        outcome: 'model_failed',
        first_byte_ms: 210,
        ms: 2400,
        received_bytes: 900,
        sent_bytes: 12_000,
      },
    ])
  })
})
