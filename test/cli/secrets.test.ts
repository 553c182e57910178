import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCluster } from './fake-kubectl.ts'
import { fileWith, runKeyway } from './run-keyway.ts'

/** What a management plane received, and which processes there were just then. */
interface Received {
  readonly key: unknown
  readonly processes: string
}

const received: Received[] = []
let server: Server
let url = ''
beforeAll(async () => {
  server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const body = JSON.parse(Buffer.concat(chunks).toString()) as { provider_key: unknown }
      const ps = await promisify(execFile)('ps', ['-ww', '-eo', 'args'], { maxBuffer: 2 ** 24 })
      received.push({ key: body.provider_key, processes: ps.stdout })
      response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":"pk_1"}')
    })()
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  url = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : ''
})
afterAll(() => void server.close())

const SECRET = 'sk-proj-Secret0123456789'
const TOKEN = 'management-token-0123456789'
const inCluster = (value: string): string =>
  JSON.stringify({
    kind: 'Secret',
    data: { KEY: Buffer.from(value).toString('base64') },
  })

interface Source {
  readonly words: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

const create = (source: Source) =>
  runKeyway(
    [
      'provider-keys',
      'create',
      '--provider',
      'openai',
      '--name',
      'x',
      ...source.words,
      '--url',
      url,
    ],
    {
      env: { KEYWAY_TOKEN: TOKEN, KEYWAY_ORG: 'org_0123456789abcdef', ...source.env },
      ...(source.input === undefined ? {} : { input: source.input }),
    },
  )

describe('a key is read', () => {
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`${SECRET}\r\n`, 'utf16le')])
  test.each<[string, () => Source]>([
    ['from the environment', () => ({ words: ['--key-env', 'K'], env: { K: SECRET } })],
    ['from a file', () => ({ words: ['--key-file', fileWith(SECRET)] })],
    [
      'without the line break at its end',
      () => ({ words: ['--key-file', fileWith(`${SECRET}\n`)] }),
    ],
    ['as PowerShell writes it', () => ({ words: ['--key-file', fileWith(utf16)] })],
    ['as Notepad writes it', () => ({ words: ['--key-file', fileWith(`\uFEFF${SECRET}\r\n`)] })],
    ['from standard input', () => ({ words: ['--key-stdin'], input: `${SECRET}\n` })],
    [
      'from a Kubernetes secret',
      () => ({
        words: ['--key-k8s-secret', 'apps/openai/KEY'],
        env: startCluster({ 'apps/openai/KEY': SECRET }).env,
      }),
    ],
    [
      'from the JSON of a Kubernetes secret',
      () => ({ words: ['--key-stdin', '--k8s-field', 'KEY'], input: inCluster(SECRET) }),
    ],
  ])('%s, and is in no arguments and no output', async (_, source) => {
    received.splice(0)
    const { exitCode, stdout, stderr } = await create(source())
    expect([exitCode, received.map(({ key }) => key)]).toEqual([0, [SECRET]])
    const [{ processes } = { processes: '' }] = received
    expect(processes).toContain('provider-keys create')
    for (const secret of [SECRET, TOKEN]) {
      expect(processes).not.toContain(secret)
      expect(stdout + stderr).not.toContain(secret)
    }
  })

  test('as the JSON that it is', async () => {
    received.splice(0)
    await create({ words: ['--key-env', 'K'], env: { K: '{"global":{"api_key":"x"}}\n' } })
    expect(received[0]?.key).toEqual({ global: { api_key: 'x' } })
  })

  test('or is in a secret of the Worker', async () => {
    received.splice(0)
    await create({ words: ['--source', 'env:BYOK_OPENAI'] })
    expect(received[0]?.key).toEqual({ source: 'env', name: 'BYOK_OPENAI' })
  })
})

describe('nothing is sent, and the secret is not said again, when', () => {
  test.each<[string, Source, string]>([
    ['there is no source', { words: [] }, 'There is no key'],
    ['there are two', { words: ['--key-env', 'A', '--key-stdin'] }, 'Say one place'],
    ['the variable is not set', { words: ['--key-env', 'NOBODY'] }, 'variable NOBODY'],
    ['the file is not there', { words: ['--key-file', '/none'] }, 'does not exist'],
    ['there is nothing in it', { words: ['--key-stdin'], input: '\n' }, 'it is empty'],
    ['the key is an argument', { words: [SECRET] }, 'looks like a secret'],
    ['the key is an option', { words: [`--key=${SECRET}`] }, 'Secrets are no arguments'],
    ['the key is where its name should be', { words: ['--key-env', SECRET] }, 'like a secret'],
    ['the token is an option', { words: ['--token', TOKEN] }, 'Secrets are no arguments'],
    ['the source is unknown', { words: ['--source', 'vault:x'] }, 'env:BYOK_NAME'],
    [
      'the Kubernetes JSON has no such field',
      { words: ['--key-stdin', '--k8s-field', 'OTHER'], input: inCluster(SECRET) },
      'It has KEY.',
    ],
    [
      'standard input is no Kubernetes JSON',
      { words: ['--key-stdin', '--k8s-field', 'KEY'], input: SECRET },
      'not the JSON of a Kubernetes secret',
    ],
    ['the reference is not whole', { words: ['--key-k8s-secret', 'a/b'] }, 'NAMESPACE/NAME/FIELD'],
  ])('%s', async (_, source, text) => {
    received.splice(0)
    const { exitCode, stdout, stderr } = await create(source)
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(text)])
    expect(received).toEqual([])
    expect(stdout + stderr).not.toContain(SECRET)
  })
})
