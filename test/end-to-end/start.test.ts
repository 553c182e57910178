import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const SCRIPT = join(import.meta.dirname, '../../scripts/start.ts')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyway-start-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** What `npm start` runs, in a folder of its own and as the first of a group of processes. */
function start(port: string) {
  const child = spawn(process.execPath, [SCRIPT, '--port', port], { cwd: folder, detached: true })
  const endAll = (): void => {
    if (isGroupThere(child)) process.kill(-(child.pid ?? 0), 'SIGKILL')
  }
  // Whoever ends the tests before their time does not reach another group of processes.
  process.once('exit', endAll)
  const said = Promise.withResolvers<string>()
  const ended = Promise.withResolvers<string>()
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
      if (text.includes('Stop with Ctrl-C.')) said.resolve(text)
    })
  }
  child.on('close', (code) => {
    ended.resolve(`${text}\nended with ${code}`)
    said.reject(new Error(text))
  })
  said.promise.catch(() => undefined)
  return {
    said: said.promise,
    ended: ended.promise,
    interrupt: () => child.kill('SIGINT'),
    isAnythingLeft: () => isGroupThere(child),
    async [Symbol.asyncDispose]() {
      endAll()
      process.off('exit', endAll)
      await ended.promise
    },
  }
}

function isGroupThere({ pid = 0 }: ChildProcess): boolean {
  try {
    return process.kill(-pid, 0)
  } catch {
    return false
  }
}

/** A request that was printed for a shell, with the key that was printed above it. */
function printed(text: string, path: string): Request {
  const [, url = '', header = '', body = ''] =
    new RegExp(
      `curl -N "?(http://localhost:\\d+${path}\\S*?)"? .*?-H "(\\S+: [^"]*)".*?-d '(.*?)'`,
      's',
    ).exec(text) ?? []
  const [, key = ''] = /export KEYWAY_API_KEY=(\S+)/.exec(text) ?? []
  const [name = '', value = ''] = header.replace('$KEYWAY_API_KEY', key).split(': ')
  const headers = { [name]: value, 'content-type': 'application/json' }
  return new Request(url, { method: 'POST', headers, body })
}

/** It starts twice, and asks for three answers. */
const PATIENCE = { timeout: 60_000 }

test(
  'npm start answers the requests that it prints, and Ctrl-C leaves nothing running',
  PATIENCE,
  async () => {
    await using running = start('0')
    const text = await running.said
    for (const [path, end] of [
      ['/v1/chat/completions', 'data: [DONE]'],
      ['/v1/messages', 'event: message_stop'],
      ['/native/google_vertex_ai/', '"finishReason":"STOP"'],
    ] as const) {
      const response = await fetch(printed(text, path))
      expect([response.status, await response.text()]).toEqual([200, expect.stringContaining(end)])
    }
    expect(existsSync(join(folder, '.keyway/state'))).toBe(true)

    await using second = start(/localhost:(\d+)/.exec(text)?.[1] ?? '')
    expect(await second.ended).toMatch(/is another npm start, stop it first.*\n+ended with 1$/)

    running.interrupt()
    expect(await running.ended).toMatch(/\nStopping\.\n+ended with 0$/)
    expect(running.isAnythingLeft()).toBe(false)
  },
)
