import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect as connectSocket, type Server } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { dial, wayTo } from '../../cli/connect/dial.ts'
import { requireUsableProxy } from '../../cli/connect/proxy.ts'
import { newToken } from '../../src/core/token-format.ts'
import { startConnect, TOKEN } from './connect-process.ts'
import { type FakeModel, type Reached, startFakeModel } from './connect-setting.ts'
import { startFakeKeyway } from './fake-keyway.ts'
import { fileWith, type Ran, runKeyway } from './run-keyway.ts'
import { selfSigned } from './self-signed.ts'

/** Answers the list of models that a connector asks for before it dials in. */
async function answerList(model: FakeModel): Promise<Reached> {
  const reached = await model.next()
  reached.response.setHeader('content-type', 'application/json')
  reached.response.end('{"object":"list","data":[{"id":"gemma-4"},{"id":"qwen-4"}]}')
  return reached
}

describe('keyway connect', () => {
  test('forwards, logs what happened and not what was said, and finishes when it is told to stop', async () => {
    await using keyway = await startFakeKeyway()
    await using model = await startFakeModel()
    const keyFile = fileWith('model-key-one\n')
    await using running = startConnect(
      ['--target', `${model.url}/v1`, '--key-file', keyFile, '--max-concurrent', '7'],
      { KEYWAY_URL: keyway.url },
    )
    const listed = await answerList(model)
    expect(listed.request.headers.authorization).toBe('Bearer model-key-one')
    const link = await keyway.connector()
    expect(link.headers.authorization).toBe(`Bearer ${TOKEN}`)
    expect(link.hello).toMatchObject({
      agent: expect.stringMatching(/^keyway\/\d/) as string,
      max_concurrent: 7,
      target: model.url,
      models: ['gemma-4', 'qwen-4'],
    })
    writeFileSync(keyFile, 'model-key-two\n')
    const call = link.call({ path: '/v1/chat/completions?secret-query', body: 'secret body' })
    const { request, response } = await model.next()
    expect(request.headers.authorization).toBe('Bearer model-key-two')
    running.kill('SIGTERM')
    expect(await link.goaway).toEqual({ code: 'draining' })
    response.setHeader('x-secret', 'secret header')
    response.end('secret answer')
    await call.whole
    expect(await running.exitCode).toBe(0)
    const log = running.lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(log).toMatchObject([
      { level: 'info', event: 'connected', endpoint: 'lab', connection: 1 },
      { event: 'draining', running: 1 },
      {
        event: 'request',
        path: '/v1/chat/completions',
        status: 200,
        outcome: 'done',
        received_bytes: 11,
        sent_bytes: 13,
      },
      { event: 'stopped', unfinished: 0 },
    ])
    for (const word of ['secret', 'model-key', TOKEN]) {
      expect(running.lines.join('\n')).not.toContain(word)
    }
  })

  test('cuts off what is not over in time', async () => {
    await using keyway = await startFakeKeyway()
    await using model = await startFakeModel()
    await using running = startConnect(['--target', model.url, '--drain', '0'], {
      KEYWAY_URL: keyway.url,
    })
    await answerList(model)
    const link = await keyway.connector()
    const call = link.call()
    const { left } = await model.next()
    running.kill('SIGINT')
    await expect(call.whole).rejects.toThrow('internal_error')
    await left
    expect(await running.exitCode).toBe(0)
    expect(await running.logged('stopped').catch(() => undefined)).toBeDefined()
  })

  test('goes on when nobody reads what it says any more', async () => {
    await using keyway = await startFakeKeyway()
    await using model = await startFakeModel()
    await using running = startConnect(['--target', model.url], { KEYWAY_URL: keyway.url })
    await answerList(model)
    const link = await keyway.connector()
    await running.logged('connected')
    running.hangUp()
    for (let count = 0; count < 3; count += 1) {
      const call = link.call()
      const { response } = await model.next()
      response.end('ok')
      expect((await call.whole).toString()).toBe('ok')
    }
    running.kill('SIGTERM')
    expect(await running.exitCode).toBe(0)
  })

  test('that is killed leaves nothing behind', async () => {
    await using keyway = await startFakeKeyway()
    await using model = await startFakeModel()
    await using running = startConnect(['--target', model.url], { KEYWAY_URL: keyway.url })
    await answerList(model)
    const link = await keyway.connector()
    const call = link.call()
    const { left } = await model.next()
    running.kill('SIGKILL')
    await left
    await expect(call.whole).rejects.toThrow('lost')
    expect((await link.closed).code).toBe(1006)
  })

  test('ends with the launcher, when that one is killed', async () => {
    await using keyway = await startFakeKeyway()
    const main = join(import.meta.dirname, '../../cli/main.ts')
    const env = { KEYWAY_CONNECTOR_TOKEN: TOKEN, KEYWAY_URL: keyway.url }
    const child = fork(main, ['connect', ...LAB], { env, stdio: 'ignore' })
    const ended = once(child, 'exit')
    const link = await keyway.connector()
    child.disconnect()
    expect((await link.closed).code).toBe(1006)
    await ended
  })

  test('goes through the proxy of the site to Keyway, and past it to the model', async () => {
    const tls = selfSigned()
    await using keyway = await startFakeKeyway({}, tls)
    await using model = await startFakeModel()
    await using proxy = await startProxy()
    const place = `keyway.test:${new URL(keyway.url).port}`
    const env = { ...proxy.env, KEYWAY_URL: `https://${place}` }
    const trust = { NODE_EXTRA_CA_CERTS: fileWith(tls.cert, 'ca.pem') }
    await using running = startConnect(['--target', model.url], { ...env, ...trust })
    await answerList(model)
    const link = await keyway.connector()
    const call = link.call()
    const { response } = await model.next()
    response.end('ok')
    await call.whole
    expect([proxy.asked, proxy.heard()]).toEqual([[place], 1])
    expect(running.lines).not.toEqual([])
    await using server = await listening(createHttpServer(answerLike))
    const words = ['--check', '--target', `http://127.0.0.1:${server.port}`, '--key-env', 'KEY']
    const checked = await connect(`https://${place}`, words, {
      ...env,
      ...trust,
      KEY: 'model-key-good',
    })
    expect([checked.exitCode, checked.stderr]).toEqual([0, ''])
    expect(proxy.asked).toEqual([place, place, place])
  })

  test.each([
    ['does not let it pass', true, 'does not lead to'],
    ['is not there', false, 'is not reached (ECONNREFUSED)'],
  ])('says where the proxy %s, not that Keyway is wrong', async (_, isThere, text) => {
    const proxy = createHttpServer().on('connect', (__, socket: Duplex) => {
      socket.end('HTTP/1.1 407 No\r\n\r\n')
    })
    await using server = await listening(proxy)
    const env = { HTTPS_PROXY: `http://127.0.0.1:${isThere ? server.port : 2}` }
    const ran = await connect('https://keyway.test', [...LAB.slice(2), '--check'], env)
    expect([ran.exitCode, ran.stdout]).toEqual([4, expect.stringContaining(text)])
    const dialled = await dial({ url: 'https://keyway.test', endpoint: 'lab', env }, TOKEN)
    expect(dialled).toMatchObject({
      isFinal: false,
      failure: { message: expect.stringContaining(text) },
    })
  })

  test.each(['proxy.corp:3128', 'socks5://proxy.corp:1080', 'http://'])(
    'a proxy that it would go past is a usage error: %s',
    async (HTTPS_PROXY) => {
      const ran = await connect('https://keyway.test', LAB.slice(2), { HTTPS_PROXY })
      expect([ran.exitCode, ran.stderr]).toEqual([
        2,
        expect.stringContaining('begins with http://'),
      ])
    },
  )

  test.each([
    ['22.20.0', false],
    ['22.21.0', true],
    ['23.11.0', false],
    ['24.4.1', false],
    ['24.5.0', true],
    ['26.0.0', true],
  ])('with a proxy, Node %s is taken: %s', (nodeVersion, isTaken) => {
    const env = { https_proxy: 'http://proxy.corp:3128' }
    const start = (url: string) => () => requireUsableProxy({ env, nodeVersion }, url)
    if (isTaken) expect(start('https://keyway.test')).not.toThrow()
    else expect(start('https://keyway.test')).toThrow(`Node ${nodeVersion} does not know`)
    expect(start('https://localhost')).not.toThrow()
    expect(start('http://keyway.test')).not.toThrow()
  })

  test.each([
    ['*', true],
    ['other.test, Keyway.Test', true],
    ['.test', true],
    ['.keyway.test', true],
    ['*.test', true],
    ['keyway.test:8443', true],
    ['', false],
    ['test', false],
    ['*.keyway.test', false],
    ['way.test', false],
    ['.way.test', false],
    ['keyway.test:443', false],
  ])(
    'a proxy that it could not take does not matter where NO_PROXY is %j: %s',
    (NO_PROXY, isPast) => {
      const url = 'https://keyway.test:8443'
      const env = { HTTPS_PROXY: 'http://', NO_PROXY }
      const start = (): void => requireUsableProxy({ env, nodeVersion: '20.0.0' }, url)
      if (!isPast) return expect(start).toThrow('begins with http://')
      expect(start).not.toThrow()
      // Node would refuse this one by itself.
      expect(() => wayTo({ url, env })).not.toThrow()
    },
  )

  test.each([
    ['this machine', 'http://127.0.0.1', {}],
    ['this machine, over TLS', 'https://127.0.0.1', selfSigned()],
    ['an address without TLS, where a proxy would read the token', 'http://[::ffff:127.0.0.1]', {}],
  ])('goes past the proxy to %s', async (_, origin, tls) => {
    await using keyway = await startFakeKeyway({}, 'cert' in tls ? tls : undefined)
    await using proxy = await startProxy()
    const url = `${origin}:${new URL(keyway.url).port}`
    const socket = await dial({ url, endpoint: 'lab', env: proxy.env }, TOKEN)
    if (socket instanceof WebSocket) socket.terminate()
    // A certificate that this process has no reason to trust is what Keyway itself showed.
    else expect(socket.failure.message).toContain('certificate')
    expect(proxy.heard()).toBe(0)
  })

  test('says of its token what is true of it, and not what is true of others', async () => {
    const { stdout } = await runKeyway(['connect', '--help'])
    expect(stdout.match(/--token-\w+/g)).toEqual(['--token-env', '--token-file'])
    expect(stdout).toMatch(/--token-env .*KEYWAY_CONNECTOR_TOKEN/)
    expect(stdout).not.toMatch(/KEYWAY_TOKEN|\.dev\.vars/)
  })

  test('stops where its token is not taken, and says what to do', async () => {
    await using keyway = await startFakeKeyway()
    const body = JSON.stringify({
      error: { message: 'Unknown token.', code: 'invalid_connector_token' },
    })
    keyway.refuse({ status: 401, body })
    const ran = await connect(keyway.url, ['--target', 'http://127.0.0.1:2'])
    expect([ran.exitCode, ran.stdout]).toEqual([3, ''])
    expect(ran.stderr).toContain('Unknown token.')
    expect(ran.stderr).toContain('keyway endpoints connector-token')
  })

  test.concurrent.each([
    ['no endpoint', ['--target', 'http://127.0.0.1:1'], {}, "'--endpoint"],
    ['no target', ['--endpoint', 'lab'], {}, "'--target"],
    ['no token', [], { KEYWAY_CONNECTOR_TOKEN: '' }, 'There is no connector token'],
    ['half a token', [], { KEYWAY_CONNECTOR_TOKEN: TOKEN.slice(0, -1) }, 'not a whole'],
    [
      'a management token',
      [],
      { KEYWAY_CONNECTOR_TOKEN: managementToken() },
      'another kind of key',
    ],
    ['an auth without a key', ['--auth', 'api-key'], {}, 'needs'],
    ['an auth that is none', ['--auth', 'basic'], {}, 'bearer'],
    ['a key for nobody', ['--auth', 'none', '--key-env', 'K'], { K: 'k' }, 'sends none'],
    ['a request that is none', ['--allow', '/x'], {}, 'a method and a path'],
    ['too many connections', ['--connections', '9'], {}, 'from 1 to 8'],
    ['no calls', ['--max-concurrent', '0'], {}, 'from 1 to 128'],
    ['a drain that no timer waits for', ['--drain', '25d'], {}, 'at most 24d'],
    ['a ca for http', ['--ca', 'x.pem'], {}, 'begins with https'],
    ['a token as an argument', ['--model', TOKEN], {}, 'looks like a secret'],
  ])('%s is a usage error', async (_, words, env, text) => {
    const whole = ['no endpoint', 'no target'].includes(_) ? words : [...LAB, ...words]
    const ran = await runKeyway(['connect', ...whole], {
      env: { KEYWAY_URL: 'http://127.0.0.1:2', KEYWAY_CONNECTOR_TOKEN: TOKEN, ...env },
    })
    expect([ran.exitCode, ran.stdout, ran.stderr]).toEqual([2, '', expect.stringContaining(text)])
    expect(ran.stderr).not.toContain(TOKEN.slice(0, -1))
  })
})

const LAB = ['--endpoint', 'lab', '--target', 'http://127.0.0.1:2']

function managementToken(): string {
  return newToken('kwm_', 'org_0123456789abcdef', (count) => Buffer.alloc(count, 7))
}

const connect = (
  url: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> =>
  runKeyway(['connect', '--endpoint', 'lab', ...words], {
    env: { KEYWAY_URL: url, KEYWAY_CONNECTOR_TOKEN: TOKEN, ...env },
  })

const answerLike: RequestListener = (request, response) => {
  const isList = request.url === '/v1/models'
  const body = isList
    ? { data: [{ id: 'gemma-4' }] }
    : { choices: [{ message: { content: 'OK' } }] }
  const isKnown = isList || request.headers.authorization === 'Bearer model-key-good'
  response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' })
  response.end(JSON.stringify(isKnown ? body : { error: { message: 'bad key' } }))
}

/** The proxy of a site, where every name is this machine. */
async function startProxy() {
  const asked: string[] = []
  let heard = 0
  const proxy = createHttpServer((_, response) => void response.writeHead(500).end())
  proxy.on('connection', () => {
    heard += 1
  })
  proxy.on('connect', ({ url = '' }: IncomingMessage, socket: Duplex) => {
    asked.push(url)
    const way = connectSocket(Number(url.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      way.pipe(socket).pipe(way)
    })
    for (const [end, other] of [
      [way, socket],
      [socket, way],
    ] as const) {
      end.on('error', () => undefined).on('close', () => void other.destroy())
    }
  })
  const server = await listening(proxy)
  const address = `http://127.0.0.1:${server.port}`
  const env = { HTTPS_PROXY: address, HTTP_PROXY: address }
  const close = (): PromiseLike<void> => server[Symbol.asyncDispose]()
  return { asked, heard: () => heard, env, [Symbol.asyncDispose]: close }
}

interface Listening extends AsyncDisposable {
  readonly port: number
}

async function listening(server: Server): Promise<Listening> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

describe('keyway connect --check', () => {
  interface Checked {
    readonly ok: boolean
    readonly checks: readonly { name: string; state: string; says: string; todo?: string }[]
  }
  const statesOf = ({ stdout }: Ran): Record<string, string> => {
    const { checks } = JSON.parse(stdout) as Checked
    return Object.fromEntries(checks.map(({ name, state }) => [name, state]))
  }
  const GOOD = ['--key-file', fileWith('model-key-good')]

  test('walks the whole way, and gives no calls a chance to come', async () => {
    await using keyway = await startFakeKeyway()
    await using server = await listening(createHttpServer(answerLike))
    const words = ['--check', '--target', `http://127.0.0.1:${server.port}`, ...GOOD]
    const ran = await connect(keyway.url, words)
    expect([ran.exitCode, ran.stderr]).toEqual([0, ''])
    expect(ran.stdout).toMatch(
      /^ok +address .*\nok +settings .*\nok +tunnel .*\nok +server .* has gemma-4\.\nok +model +gemma-4 answered/,
    )
  })

  test('over TLS, with the authority that --ca names', async () => {
    await using keyway = await startFakeKeyway()
    const { cert, key } = selfSigned()
    await using server = await listening(createHttpsServer({ cert, key }, answerLike))
    const words = ['--check', '--json', '--target', `https://127.0.0.1:${server.port}`, ...GOOD]
    const good = await connect(keyway.url, [...words, '--ca', fileWith(cert, 'ca.pem')])
    expect(good.json()).toMatchObject({ ok: true })
    const untrusted = await connect(keyway.url, words)
    expect([untrusted.exitCode, statesOf(untrusted)]).toMatchObject([1, { server: 'wrong' }])
    expect(untrusted.stdout).toContain('--ca')
    const other = await connect(keyway.url, [
      ...words,
      '--ca',
      fileWith(selfSigned().cert, 'ca.pem'),
    ])
    expect(statesOf(other)).toMatchObject({ server: 'wrong' })
  })

  test.concurrent.each([
    ['https for http', 'https', {}, 'does not speak TLS'],
    ['http for https', 'http', { isTls: true }, 'https'],
  ] as const)('%s is told', async (_, scheme, { isTls = false }: { isTls?: boolean }, text) => {
    await using keyway = await startFakeKeyway()
    await using server = await listening(
      isTls ? createHttpsServer(selfSigned(), answerLike) : createHttpServer(answerLike),
    )
    const ran = await connect(keyway.url, [
      '--check',
      '--target',
      `${scheme}://127.0.0.1:${server.port}`,
    ])
    expect([ran.exitCode, ran.stdout]).toEqual([1, expect.stringContaining(text)])
  })

  test.concurrent.each<
    [string, RequestListener, readonly string[], number, Record<string, string>, string]
  >([
    [
      'the key is refused',
      answerLike,
      ['--key-file', fileWith('model-key-bad')],
      1,
      { model: 'wrong' },
      'it refuses the key',
    ],
    ['there is no key', answerLike, [], 1, { model: 'wrong' }, 'Name its key'],
    [
      'it redirects',
      (_, response) => void response.writeHead(302, { location: '/login' }).end(),
      GOOD,
      1,
      { server: 'wrong' },
      'redirect',
    ],
    [
      'it is something else',
      (_, response) => void response.end('<html>'),
      GOOD,
      1,
      { server: 'wrong' },
      'not with a list',
    ],
    [
      'it lists nothing',
      (_, response) => void response.writeHead(404).end(),
      GOOD,
      0,
      { server: 'odd', model: 'odd' },
      '--model NAME',
    ],
    [
      'its model fails',
      (request, response) =>
        request.method === 'GET'
          ? answerLike(request, response)
          : void response.writeHead(500).end('{"error":{"message":"out of memory"}}'),
      GOOD,
      1,
      { server: 'ok', model: 'wrong' },
      'out of memory',
    ],
    [
      'its model has no words',
      (request, response) =>
        request.method === 'GET'
          ? answerLike(request, response)
          : void response.writeHead(400).end('{}'),
      GOOD,
      0,
      { model: 'odd' },
      'answers 400',
    ],
  ])('%s', async (_, listener, words, exitCode, states, text) => {
    await using keyway = await startFakeKeyway()
    await using server = await listening(createHttpServer(listener))
    const target = ['--target', `http://127.0.0.1:${server.port}`]
    const ran = await connect(keyway.url, ['--check', '--json', ...target, ...words])
    expect([ran.exitCode, statesOf(ran)]).toMatchObject([exitCode, states])
    expect(ran.stdout).toContain(text)
    expect(ran.stdout + ran.stderr).not.toContain('model-key')
  })

  test('stops at the first step that fails: Keyway, then the token, then the server', async () => {
    const words = ['--check', '--json', '--target', 'http://127.0.0.1:2']
    const nowhere = await connect('http://127.0.0.1:2', words)
    expect([nowhere.exitCode, statesOf(nowhere)]).toEqual([4, { address: 'wrong' }])
    await using keyway = await startFakeKeyway()
    keyway.refuse({ status: 401 })
    const refused = await connect(keyway.url, words)
    const before = { address: 'ok', settings: 'ok' }
    expect([refused.exitCode, statesOf(refused)]).toEqual([3, { ...before, tunnel: 'wrong' }])
    const noServer = await connect(keyway.url, words)
    const states = { ...before, tunnel: 'ok', server: 'wrong' }
    expect([noServer.exitCode, statesOf(noServer)]).toEqual([1, states])
  })
})

test('the examples say only what the command knows', async () => {
  const { stdout } = await runKeyway(['connect', '--help'])
  const folder = join(import.meta.dirname, '../../examples/connector')
  for (const file of ['kubernetes.yaml', 'keyway-connector.service']) {
    const text = readFileSync(join(folder, file), 'utf8').replaceAll(/^ *#   .*$/gm, '')
    const options = text.match(/--[a-z][a-z-]+(?==| )/g) ?? []
    expect(options.length).toBeGreaterThan(4)
    for (const option of options) {
      if (option !== '--check') expect(stdout, `${option} in ${file}`).toContain(`${option} <`)
    }
  }
})
