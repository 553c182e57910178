import { expect, test } from 'vitest'
import { USUAL_REQUESTS } from '../../cli/connect/allowed-requests.ts'
import { createModelServer } from '../../cli/connect/model-server.ts'
import { runConnector } from '../../cli/connect/run.ts'
import { parseTarget } from '../../cli/connect/target.ts'
import { thisMachine } from '../../cli/machine.ts'
import { startFakeModel } from './connect-setting.ts'
import { type FakeKeyway, startFakeKeyway } from './fake-keyway.ts'

/** A connector with signals and a clock of the test's. */
function runOn(keyway: FakeKeyway, target: string, drainMs = 3_600_000) {
  const lines: string[] = []
  let now = 0
  let signal = (): void => undefined
  const { terminal: _, ...real } = thisMachine()
  const machine = {
    ...real,
    tell: (line: string) => void lines.push(line),
    onStop: (act: () => void) => void (signal = act),
  }
  const ended = runConnector(machine, {
    place: { url: keyway.url, endpoint: 'lab', env: {} },
    connections: 2,
    server: createModelServer(parseTarget(target)),
    allowed: USUAL_REQUESTS,
    credential: () => ({ kind: 'none' }),
    token: () => Promise.resolve('kwc_token'),
    hello: () => Promise.resolve({ agent: 'keyway/test', max_concurrent: 8, window: 65_536 }),
    clock: () => now,
    wait: () => Promise.resolve(),
    isJson: true,
    drainMs,
    warnings: [],
  })
  return {
    ended,
    lines,
    signalAt(ms: number) {
      now = ms
      signal()
    },
  }
}

test('told again after a second, it stops at once; the same Ctrl-C once more changes nothing', async () => {
  await using keyway = await startFakeKeyway()
  await using model = await startFakeModel()
  const running = runOn(keyway, model.url)
  const link = await keyway.connector()
  const call = link.call({ body: '{}' })
  const { left } = await model.next()
  running.signalAt(0)
  running.signalAt(900)
  expect(await link.goaway).toEqual({ code: 'draining' })
  await link.flush()
  expect(call.frames()).toEqual(['accepted'])
  running.signalAt(1_100)
  // Who asks once more changes nothing of what is said of the calls that were cut off.
  running.signalAt(1_200)
  await expect(call.whole).rejects.toThrow('internal_error')
  await left
  await running.ended
  expect(running.lines.at(-1)).toContain('"unfinished":1')
})

test('of a connection that ended for good the others are drained, and that is said', async () => {
  await using keyway = await startFakeKeyway()
  await using model = await startFakeModel()
  const running = runOn(keyway, model.url)
  const links = [await keyway.connector(), await keyway.connector()]
  const call = links[0]?.call({ body: '{}' })
  const { response } = await model.next()
  links[1]?.close(4401, 'revoked')
  await links[0]?.goaway
  expect(running.lines.at(-1)).toContain('"event":"draining"')
  response.end('ok')
  expect((await call?.whole)?.toString()).toBe('ok')
  await expect(running.ended).rejects.toMatchObject({ exitCode: 3 })
})

test('a call of a connection that is drained is cut off in time, too, and that is said', async () => {
  await using keyway = await startFakeKeyway()
  await using model = await startFakeModel()
  const running = runOn(keyway, model.url, 0)
  const links = [await keyway.connector(), await keyway.connector()]
  const call = links[0]?.call({ body: '{}' })
  await model.next()
  links[1]?.close(4401, 'revoked')
  await expect(call?.whole).rejects.toThrow('internal_error')
  await expect(running.ended).rejects.toMatchObject({ exitCode: 3 })
  expect(running.lines.at(-1)).toContain('"event":"stopped","endpoint":"lab","unfinished":1')
})
