import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, chatCall } from '../support/call.ts'
import { type Keyway, startKeyway } from '../support/keyway.ts'
import { startCluster } from './fake-kubectl.ts'
import { newFolder, type Ran, runKeyway } from './run-keyway.ts'

let keyway: Keyway
beforeAll(async () => {
  keyway = await startKeyway()
})
afterAll(() => keyway[Symbol.asyncDispose]())

const SETTINGS = `
api_keys:
  - name: Chat
    models: [gpt-*]
    expires_at: 2040-01-31
    save_to: {file: chat.key}
  - name: Batch
provider_keys:
  - name: OpenAI production
    provider: openai
    provider_key: {env: OPENAI_KEY}
    api_keys: [Chat]
    priority: 5
  - name: Azure
    provider: azure
    provider_key:
      endpoint: AZURE_ENDPOINT
      api_key: {file: azure.key}
  - name: Claude
    provider: anthropic
    provider_key: {source: passthrough}
endpoints:
  - name: edge
    base_url: https://models.example.com/v1/chat/completions
    api_key: {k8s: arc-rag/model/KEY}
    headers:
      CF-Access-Client-Id: {text: not-secret.access}
      CF-Access-Client-Secret: {env: ACCESS}
routes:
  - name: fast
    targets:
      - model: openai/gpt-4.1
      - {model: byom/edge, overrides: {temperature: 0}}
`

interface Place {
  readonly id: string
  readonly folder: string
  readonly secrets: readonly string[]
  readonly change: (from: string | RegExp, to: string) => void
  readonly apply: (words?: string, env?: Readonly<Record<string, string>>) => Promise<Ran>
  readonly stored: () => Promise<string>
}

/** A folder with a settings file and secrets, and an organization for it. */
async function newPlace(settings = SETTINGS): Promise<Place> {
  const { id } = await keyway.organization({ providers: [] })
  const folder = newFolder()
  const azure = await keyway.standIns.issueCredential('azure', `${id} azure`)
  const openai = await keyway.standIns.issueCredential('openai', `${id} openai`)
  const secrets = [openai, azure.api_key, 'model-key-in-cluster', 'access-secret-0001']
  const file = join(folder, 'keyway.yaml')
  writeFileSync(file, settings.replace('AZURE_ENDPOINT', azure.endpoint))
  writeFileSync(join(folder, 'azure.key'), `${azure.api_key}\n`)
  const cluster = startCluster({ 'arc-rag/model/KEY': 'model-key-in-cluster' })
  const env = {
    ...cluster.env,
    OPENAI_KEY: openai,
    ACCESS: 'access-secret-0001',
    KEYWAY_URL: keyway.url,
    KEYWAY_TOKEN: keyway.adminToken,
    KEYWAY_ORG: id,
  }
  return {
    id,
    folder,
    secrets,
    change: (from, to) => writeFileSync(file, readFileSync(file, 'utf8').replace(from, to)),
    apply: (words = '', more = {}) =>
      runKeyway(['apply', ...words.split(' ').filter((word) => word !== '')], {
        folder,
        env: { ...env, ...more },
      }),
    async stored() {
      const kinds = ['api-keys', 'provider-keys', 'endpoints', 'routes']
      const lists = await Promise.all(
        kinds.map((kind) => keyway.management.get(`/${id}/${kind}?limit=100`)),
      )
      return JSON.stringify(lists, (name, value: unknown) =>
        /^(?:last_.*|status)$/.test(name) ? undefined : value,
      )
    },
  }
}

const membersOf = (ran: Ran): unknown =>
  (ran.json()['changes'] as { name: string; members: object[] }[]).map(({ name, members }) => [
    name,
    ...members,
  ])

describe('apply', () => {
  test('--dry-run shows everything and changes nothing', async () => {
    const place = await newPlace()
    const before = await place.stored()
    const ran = await place.apply('--dry-run --exit-code')
    expect([ran.exitCode, ran.stdout]).toEqual([7, expect.stringContaining('7 to change')])
    expect(await place.stored()).toBe(before)
    expect(readdirSync(place.folder).toSorted()).toEqual(['azure.key', 'keyway.yaml'])
    expect((await place.apply('--dry-run')).stdout).toBe(ran.stdout)
  })

  test('makes what the file says, and a second time nothing', async () => {
    const place = await newPlace()
    const first = await place.apply()
    expect([first.exitCode, first.stderr]).toEqual([0, expect.stringContaining('Made 7 changes.')])
    const before = await place.stored()
    const second = await place.apply('--json')
    expect(second.json()).toMatchObject({ changes: [], unchanged: 7 })
    expect(await place.stored()).toBe(before)
    const apiKey = readFileSync(join(place.folder, 'chat.key'), 'utf8').trim()
    const answer = await call(keyway, undefined, { ...chatCall, apiKey })
    expect(answer.status).toBe(200)
    for (const secret of [...place.secrets, apiKey, keyway.adminToken]) {
      const said = [first, second].map(({ stdout, stderr }) => stdout + stderr).join('')
      expect(said).not.toContain(secret)
      expect(readFileSync(join(place.folder, '.keyway/apply.json'), 'utf8')).not.toContain(secret)
    }
    for (const file of ['chat.key', '.keyway/apply.json']) {
      expect(statSync(join(place.folder, file)).mode & 0o777).toBe(0o600)
    }
  })

  test('says what has changed, and changes that alone', async () => {
    const place = await newPlace()
    await place.apply()
    place.change('priority: 5', 'priority: 6')
    place.change('models: [gpt-*]', 'models: []')
    const rotated = await keyway.standIns.issueCredential('openai', `${place.id} second`)
    const ran = await place.apply('--json', { OPENAI_KEY: rotated })
    expect(membersOf(ran)).toEqual([
      ['Chat', { member: 'models', from: ['gpt-*'], to: [] }],
      [
        'OpenAI production',
        { member: 'priority', from: 5, to: 6 },
        { member: 'provider_key', secret: true, because: 'changed' },
      ],
    ])
    expect((await place.apply('--json', { OPENAI_KEY: rotated })).json()['changes']).toEqual([])
    const apiKey = readFileSync(join(place.folder, 'chat.key'), 'utf8').trim()
    await call(keyway, undefined, { ...chatCall, apiKey })
    expect(keyway.standIns.requests.at(-1)?.credential).toBe(`${place.id} second`)
  })

  test('notices a secret that somebody else replaced, and sets it again when it remembers nothing', async () => {
    const place = await newPlace()
    await place.apply()
    const words = ['provider-keys', 'rotate', 'OpenAI production', '--key-env', 'NEW']
    const env = { KEYWAY_URL: keyway.url, KEYWAY_TOKEN: keyway.adminToken, KEYWAY_ORG: place.id }
    await runKeyway(words, { env: { ...env, NEW: 'sk-somebody-elses-key' } })
    expect(membersOf(await place.apply('--json'))).toEqual([
      ['OpenAI production', { member: 'provider_key', secret: true, because: 'changed elsewhere' }],
    ])
    const forgetful = await place.apply('--dry-run --state other.json')
    expect(forgetful.stdout.match(/not known whether it is the same/g)).toHaveLength(4)
    expect(forgetful.stdout).toContain('3 to change')
  })

  test('deletes only with --prune, and only in the sections of the file', async () => {
    const place = await newPlace()
    await place.apply()
    place.change(/ {2}- name: Batch\n/, '')
    place.change(/routes:[\s\S]*/, '')
    const kept = await place.apply()
    expect([kept.exitCode, kept.stdout]).toEqual([0, expect.stringContaining('API key Batch')])
    expect(await place.stored()).toContain('"Batch"')
    const pruned = await place.apply('--prune --json')
    expect(pruned.json()['changes']).toMatchObject([
      { action: 'delete', kind: 'api_keys', name: 'Batch' },
      { action: 'delete', kind: 'api_keys', name: 'application' },
    ])
    expect(await place.stored()).not.toContain('"Batch"')
    expect(await place.stored()).toContain('"fast"')
  })

  test('stops at what is refused, says how far it came, and goes on from there', async () => {
    const place = await newPlace()
    place.change('model: openai/gpt-4.1', 'model: nobody/x')
    const ran = await place.apply()
    expect([ran.exitCode, ran.stderr]).toEqual([
      1,
      expect.stringContaining('6 of 7 changes were made'),
    ])
    expect(ran.stderr).toContain('create route "fast"')
    place.change('model: nobody/x', 'model: openai/gpt-4.1')
    expect((await place.apply('--json')).json()).toMatchObject({
      changes: [{ name: 'fast' }],
      unchanged: 6,
    })
  })

  test('makes no key whose secret would have no place', async () => {
    const place = await newPlace()
    writeFileSync(join(place.folder, 'chat.key'), 'mine')
    const before = await place.stored()
    const ran = await place.apply()
    expect([ran.exitCode, ran.stderr]).toEqual([
      2,
      expect.stringContaining('chat.key cannot be written: it exists'),
    ])
    expect(await place.stored()).toBe(before)
    expect(readFileSync(join(place.folder, 'chat.key'), 'utf8')).toBe('mine')
  })

  test.each([
    ['its folder is missing', '{file: none/a.key}', '{file: b.key}', 2, 'folder does not exist'],
    ['two share a place', '{file: a.key}', '{file: ./a.key}', 2, 'Another key is saved'],
    ['it may not be made', '{k8s: apps/new/A}', '{k8s: apps/new/B}', 6, 'may not create apps/new'],
  ])('makes no key where there would be no place: %s', async (_, one, other, exitCode, text) => {
    const place = await newPlace(
      `api_keys:\n  - {name: A, save_to: ${one}}\n  - {name: B, save_to: ${other}}\n`,
    )
    const before = await place.stored()
    const ran = await place.apply('', { FAKE_REFUSES: 'auth can-i create' })
    expect([ran.exitCode, ran.stderr]).toEqual([exitCode, expect.stringContaining(text)])
    expect(await place.stored()).toBe(before)
  })

  test('names a key whose secret it could not save before it was stopped, until it has another', async () => {
    const place = await newPlace('api_keys:\n  - {name: A, save_to: {k8s: apps/keyway/KEY}}\n')
    const cluster = startCluster({}, { FAKE_REFUSES: 'apply' })
    expect((await place.apply('', cluster.env)).exitCode).toBe(6)
    const state = (): string => readFileSync(join(place.folder, '.keyway/apply.json'), 'utf8')
    const before = state()
    const told = await place.apply('--dry-run')
    expect(state()).toBe(before)
    const asJson = await place.apply('--json')
    expect(told.stderr).toMatch(/API key "A" was never saved.*\n?.*api-keys rotate key_/)
    expect(asJson.json()).toMatchObject({ changes: [], unsaved: [{ name: 'A' }] })
    const env = { KEYWAY_URL: keyway.url, KEYWAY_TOKEN: keyway.adminToken, KEYWAY_ORG: place.id }
    expect((await runKeyway(['api-keys', 'rotate', 'A'], { env })).exitCode).toBe(0)
    expect((await place.apply('--json')).json()).toMatchObject({ unsaved: [] })
  })

  test('puts the secret of a new API key into the cluster', async () => {
    const place = await newPlace('api_keys:\n  - name: A\n    save_to: {k8s: apps/keyway/KEY}\n')
    const cluster = startCluster()
    expect((await place.apply('', cluster.env)).exitCode).toBe(0)
    const apiKey = cluster.field('apps/keyway/KEY') ?? ''
    const models = { path: '/v1/models', method: 'GET', apiKey }
    expect((await call(keyway, undefined, models)).status).toBe(200)
    expect(cluster.processes()).not.toContain(apiKey)
  })
})

describe('a settings file is refused before anything is sent, when', () => {
  const key = (value: string): string =>
    `provider_keys:\n  - {name: a, provider: openai, provider_key: ${value}}\n`
  test.each([
    ['it is not YAML', 'a: [', 'is not YAML at line 1'],
    ['a section is unknown', 'api-keys: []', 'unknown member'],
    ['a member is unknown', 'routes: [{name: a, targets: [], weight: 1}]', 'routes[0]'],
    ['a name is missing', 'routes: [{targets: []}]', 'routes[0].name is missing'],
    ['a name ends in a blank', 'api_keys: [{name: "a "}]', 'end with blanks'],
    ['a time has no zone', "api_keys: [{name: a, expires_at: '2040-01-31T10:00'}]", 'its zone'],
    ['two have one name', 'api_keys: [{name: a}, {name: a}]', 'api_keys[1]'],
    ['a secret is in it', key('sk-proj-0123456789abcdef'), 'must say where the secret is'],
    ['a secret is in a part', key('{api_key: sk-proj-0123456789abcdef}'), 'provider_key.api_key'],
    ['a variable is not set', key('{env: NOBODY}'), 'variable NOBODY'],
    ['a file is missing', key('{file: none}'), 'does not exist'],
    ['an API key is not there', `${key('{env: HOME}').trim().slice(0, -1)}, api_keys: [b]}`, '"b"'],
  ])('%s', async (_, settings, text) => {
    const place = await newPlace(settings)
    const before = await place.stored()
    const ran = await place.apply()
    expect([ran.exitCode, ran.stdout, ran.stderr]).toEqual([2, '', expect.stringContaining(text)])
    expect(ran.stderr).not.toContain('sk-proj-0123456789abcdef')
    expect(await place.stored()).toBe(before)
  })
})

describe('an endpoint of the file', () => {
  const entra = `
endpoints:
  - name: cluster
    base_url: https://rag.example.com
    auth: entra
    api_key: {file: app.json}
`

  const newCluster = async (): Promise<Place> => {
    const place = await newPlace(entra)
    const app = {
      tenant_id: '11111111-2222-4333-8444-555555555555',
      client_id: '66666666-7777-4888-8999-000000000000',
      client_secret: 'client~secret-5678',
      scope: 'api://99999999-2222-4333-8444-555555555555/.default',
    }
    writeFileSync(join(place.folder, 'app.json'), JSON.stringify(app))
    return place
  }

  test('has its app of Entra’s set once more where nothing is remembered', async () => {
    const place = await newCluster()
    expect((await place.apply()).exitCode).toBe(0)
    rmSync(join(place.folder, '.keyway'), { recursive: true })
    const again = await place.apply('--json')
    expect([again.exitCode, again.stderr]).toEqual([0, ''])
    expect(membersOf(again)).toEqual([
      ['cluster', { member: 'api_key', secret: true, because: 'not known' }],
    ])
    expect((await place.apply('--json')).json()['changes']).toEqual([])
  })

  test('has its app of Entra’s in the file itself, but for the secret', async () => {
    const place = await newPlace(
      entra.replace(
        '{file: app.json}',
        `
      tenant_id: 11111111-2222-4333-8444-555555555555
      client_id: 66666666-7777-4888-8999-000000000000
      client_secret: {file: app.secret}
      scope: api://99999999-2222-4333-8444-555555555555/.default`,
      ),
    )
    writeFileSync(join(place.folder, 'app.secret'), 'client~secret-5678')
    const ran = await place.apply('--json')
    expect([ran.exitCode, ran.stderr]).toEqual([0, ''])
    expect(await place.stored()).toContain('"auth":"entra"')
  })

  test.each([
    ['a key and headers', newPlace, ['api_key', 'headers']],
    ['an app of Entra’s', newCluster, ['api_key']],
  ])('takes %s along to another address, and says so', async (_, makePlace, secrets) => {
    const place = await makePlace()
    await place.apply()
    place.change(/base_url: \S+example\.com\S*/, 'base_url: https://example.net')
    const because = 'another address'
    const [change] = membersOf(await place.apply('--json')) as unknown[][]
    expect(change?.slice(1)).toMatchObject([
      { member: 'base_url', to: 'https://example.net' },
      ...secrets.map((member) => ({ member, secret: true, because })),
    ])
    expect((await place.apply('--json')).json()['changes']).toEqual([])
    expect(await place.stored()).toContain('"base_url":"https://example.net"')
  })
})
