import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
} from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runWorker } from '../../scripts/run-worker.ts'
import { type Keyway, startKeyway } from '../support/keyway.ts'
import { fileWith, newFolder, runKeyway } from './run-keyway.ts'

let keyway: Keyway
beforeAll(async () => {
  keyway = await startKeyway()
})
afterAll(() => keyway[Symbol.asyncDispose]())

async function listening(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { url: `http://127.0.0.1:${port}`, server }
}

const orgs = (env: Readonly<Record<string, string>>, ...words: string[]) =>
  runKeyway(['orgs', 'list', ...words], { env })

describe('where Keyway is and who asks', () => {
  test.each([
    ['nothing listens', { KEYWAY_URL: 'http://127.0.0.1:2' }, 4, 'Nothing listens'],
    ['there is no token', { KEYWAY_TOKEN: '' }, 3, 'There is no management token'],
    ['the token is not known', { KEYWAY_TOKEN: 'x' }, 3, 'keyway doctor'],
    ['the token is an API key', { KEYWAY_TOKEN: 'kw_x' }, 3, 'This is an API key'],
    ['the address is none', { KEYWAY_URL: 'keyway' }, 2, 'must be a URL'],
    ['it is not encrypted', { KEYWAY_URL: 'http://192.0.2.1' }, 2, 'is not encrypted'],
    ['it only looks like this machine', { KEYWAY_URL: 'http://127.a.test' }, 2, 'not encrypted'],
    ['the address has a password', { KEYWAY_URL: 'https://a:b@c.example' }, 2, 'no user'],
  ])('%s', async (_, env, code, text) => {
    const ran = await orgs({ KEYWAY_URL: keyway.url, KEYWAY_TOKEN: keyway.adminToken, ...env })
    expect([ran.exitCode, ran.stdout, ran.stderr]).toEqual([
      code,
      '',
      expect.stringContaining(text),
    ])
  })

  test('the token comes from a file, or from a file of secrets', async () => {
    for (const text of [
      `${keyway.adminToken}\n`,
      `A=1\nADMIN_TOKEN="${keyway.adminToken}"\nB="2"\n`,
    ]) {
      const ran = await orgs({ KEYWAY_URL: keyway.url }, '--token-file', fileWith(text))
      expect(ran.exitCode).toBe(0)
    }
    const env = { KEYWAY_URL: `${keyway.url}/v1/`, MINE: keyway.adminToken }
    expect((await orgs(env, '--token-env', 'MINE')).exitCode).toBe(0)
  })

  test('with --json a failure is JSON too', async () => {
    const { stdout, stderr, exitCode } = await orgs(
      { KEYWAY_URL: keyway.url, KEYWAY_TOKEN: 'x' },
      '--json',
    )
    expect([stdout, exitCode]).toEqual(['', 3])
    expect(JSON.parse(stderr)).toMatchObject({
      exit_code: 3,
      error: { code: 'invalid_management_token', status: 401 },
    })
  })

  test.each(['orgs list', 'doctor'])('%s: a terminal obeys nothing of an answer', async (words) => {
    const { url, server } = await listening((_, response) => {
      const error = { message: '\u001B]0;mine\u0007\u009B2J spoken', code: 'x', param: '\u001B[8m' }
      response.writeHead(403, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error }))
    })
    const env = { KEYWAY_URL: url, KEYWAY_TOKEN: 'x' }
    const { stdout, stderr } = await runKeyway(words.split(' '), { env })
    server.close()
    expect(stdout + stderr).toContain('spoken')
    expect(stdout + stderr).not.toMatch(/[\p{Cc}--\n]/v)
  })

  test('what is not Keyway gets no second request with the token', async () => {
    const seen: string[] = []
    const { url, server } = await listening((request, response) => {
      seen.push(request.url ?? '')
      response.writeHead(302, { location: '/login' }).end('<html>')
    })
    const ran = await orgs({ KEYWAY_URL: url, KEYWAY_TOKEN: 'x' })
    server.close()
    expect([ran.exitCode, ran.stderr]).toEqual([4, expect.stringContaining('redirect')])
    expect(seen).toHaveLength(1)
  })
})

describe('a create that meets a failing server', () => {
  const failing = async (times: number) => {
    const seen: IncomingHttpHeaders[] = []
    const { url, server } = await listening((request, response) => {
      seen.push(request.headers)
      if (seen.length === 1) {
        request.socket.destroy()
        return
      }
      const status = seen.length <= times ? 503 : 201
      const body = status === 201 ? { id: 'org_1' } : { error: { message: 'busy', code: 'x' } }
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    const env = { KEYWAY_URL: url, KEYWAY_TOKEN: 'x' }
    const ran = await runKeyway(['orgs', 'create', '--name', 'A', '--json'], { env })
    server.close()
    return { ran, keys: seen.map((headers) => headers['idempotency-key']) }
  }

  test('is repeated with the same Idempotency-Key', async () => {
    const { ran, keys } = await failing(2)
    expect([ran.exitCode, ran.json()]).toEqual([0, { id: 'org_1' }])
    expect(keys).toHaveLength(3)
    expect(new Set(keys).size).toBe(1)
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('gives up after a few', async () => {
    const { ran, keys } = await failing(99)
    expect([ran.exitCode, ran.stderr]).toEqual([5, expect.stringContaining('busy')])
    expect(keys).toHaveLength(4)
  })
})

describe('doctor', () => {
  const doctor = (env: Readonly<Record<string, string>>, folder = newFolder()) =>
    runKeyway(['doctor', '--json'], { env, folder })
  const statesOf = (ran: { json: () => Record<string, unknown> }): Record<string, unknown> => {
    const checks = ran.json()['checks'] as { name: string; state: string }[]
    return Object.fromEntries(checks.map(({ name, state }) => [name, state]))
  }

  test('finds nothing wrong', async () => {
    const ran = await doctor({ KEYWAY_URL: keyway.url, KEYWAY_TOKEN: keyway.adminToken })
    expect([ran.exitCode, statesOf(ran)]).toMatchObject([
      0,
      { node: 'ok', address: 'ok', settings: 'ok', token: 'ok' },
    ])
  })

  test.each([
    ['no token', { KEYWAY_TOKEN: '' }, 3, { address: 'ok', token: 'wrong' }],
    ['a wrong token', { KEYWAY_TOKEN: 'x' }, 3, { address: 'ok', token: 'wrong' }],
    ['a wrong address', { KEYWAY_URL: 'http://127.0.0.1:2' }, 4, { address: 'wrong' }],
  ])('finds %s', async (_, env, code, states) => {
    const ran = await doctor({ KEYWAY_URL: keyway.url, KEYWAY_TOKEN: keyway.adminToken, ...env })
    expect([ran.exitCode, statesOf(ran)]).toMatchObject([code, states])
  })

  test('finds a Worker without its secrets', async () => {
    await using worker = await runWorker({ vars: { ADMIN_TOKEN: 'x', MASTER_KEYS: 'wrong' } })
    const ran = await doctor({ KEYWAY_URL: worker.url, KEYWAY_TOKEN: 'x' })
    expect([ran.exitCode, statesOf(ran)]).toMatchObject([5, { settings: 'wrong' }])
    expect(ran.stdout).toContain('MASTER_KEYS')
  })

  test.each([
    [0, 'ok', 3],
    [-300, 'wrong', 3],
    [300, 'wrong', 3],
  ])('compares the clocks: %s seconds', async (offset, state, code) => {
    const { url, server } = await listening((request, response) => {
      const date = new Date(Date.now() + offset * 1000).toUTCString()
      const isHealth = request.url === '/health'
      response.writeHead(isHealth ? 200 : 401, { date })
      response.end(JSON.stringify(isHealth ? { status: 'ok' } : { error: { message: 'no' } }))
    })
    const ran = await doctor({ KEYWAY_URL: url, KEYWAY_TOKEN: 'x' })
    server.close()
    expect([ran.exitCode, statesOf(ran)]).toMatchObject([code, { clock: state }])
  })
})

test('a defect has an exit code of its own, wherever it comes up', async () => {
  const path = fileWith('setImmediate(() => { throw new RangeError("secret words") })', 'x.mjs')
  const { url, server } = await listening(() => undefined)
  const env = { KEYWAY_URL: url, KEYWAY_TOKEN: 'x' }
  const ran = await runKeyway(['orgs', 'list'], { env, node: ['--import', path] })
  server.closeAllConnections()
  server.close()
  expect([ran.exitCode, ran.stderr]).toEqual([70, expect.stringContaining('(RangeError)')])
  expect(ran.stderr).not.toContain('secret words')
})

describe('output', () => {
  test('has no colour when it is not a terminal, and help is help', async () => {
    const env = { KEYWAY_URL: keyway.url, KEYWAY_TOKEN: keyway.adminToken, FORCE_COLOR: '1' }
    await keyway.organization({ providers: [] })
    const { stdout } = await orgs(env)
    expect(stdout).toMatch(/^ID +NAME +METERING +CREATED\n/)
    const help = await runKeyway(['provider-keys', 'create', '--help'])
    expect([help.exitCode, help.stderr]).toEqual([0, ''])
    expect(help.stdout).toContain('--key-k8s-secret <namespace/name/field>')
  })

  test.each([
    ['an unknown command', ['nonsense'], "unknown command 'nonsense'"],
    ['an unknown option', ['orgs', 'list', '--sideways'], "unknown option '--sideways'"],
    ['a number that is none', ['orgs', 'list', '--limit', 'all'], 'whole number'],
    ['a time without its zone', ['audit', '--since', '2030-01-31T10:00'], 'its zone'],
    ['a day that is none', ['audit', '--since', '2030-02-31'], 'a date (UTC)'],
    ['a moment of no day', ['audit', '--since', '2026-02-29T10:00:00Z'], 'a date (UTC)'],
    ['a choice that is none', ['tokens', 'create', '--name', 'x', '--role', 'x'], 'owner'],
  ])('%s is a usage error', async (_, words, text) => {
    const ran = await runKeyway(words)
    expect([ran.exitCode, ran.stdout, ran.stderr]).toEqual([2, '', expect.stringContaining(text)])
  })
})
