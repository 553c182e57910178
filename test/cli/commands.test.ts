import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, chatCall } from '../support/call.ts'
import { type Keyway, startKeyway } from '../support/keyway.ts'
import { type Ran, runKeyway } from './run-keyway.ts'

let keyway: Keyway
beforeAll(async () => {
  keyway = await startKeyway()
})
afterAll(() => keyway[Symbol.asyncDispose]())

type Run = (words: string, env?: Readonly<Record<string, string>>) => Promise<Ran>

/** Runs commands for one organization; words with spaces are written with `_`. */
async function newOrganization(): Promise<{ readonly id: string; readonly run: Run }> {
  const { id } = await keyway.organization({ providers: [] })
  const run: Run = (words, env = {}) =>
    runKeyway(
      words.split(' ').map((word) => word.replaceAll('~', ' ')),
      { env: { KEYWAY_URL: keyway.url, KEYWAY_TOKEN: keyway.adminToken, KEYWAY_ORG: id, ...env } },
    )
  return { id, run }
}

const list = async (run: Run, what: string): Promise<Record<string, unknown>[]> =>
  JSON.parse((await run(`${what} list --json`)).stdout) as Record<string, unknown>[]

describe('orgs', () => {
  test('are made, listed, shown, changed and deleted, by name or id', async () => {
    const { run } = await newOrganization()
    const name = `Acme ${crypto.randomUUID()}`
    const shell = name.replaceAll(' ', '~')
    const { id } = (await run(`orgs create --name ${shell} --metering off --json`)).json()
    expect((await run(`orgs get ${shell} --json`)).json()).toMatchObject({ id, metering: 'off' })
    const changed = await run(`orgs update ${String(id)} --metering all --json`)
    expect(changed.json()).toMatchObject({ name, metering: 'all' })
    expect((await list(run, 'orgs')).map((one) => one['id'])).toContain(id)
    const careful = await run(`orgs delete ${shell}`)
    expect([careful.exitCode, careful.stderr]).toEqual([2, expect.stringContaining('--yes')])
    expect((await run(`orgs delete ${shell} --yes`)).exitCode).toBe(0)
    expect((await run(`orgs get ${String(id)}`)).exitCode).toBe(1)
  })

  test('one must be named when there are more', async () => {
    const { run } = await newOrganization()
    const { exitCode, stderr } = await run('api-keys list', { KEYWAY_ORG: '' })
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('--org or KEYWAY_ORG')])
  })
})

describe('api-keys', () => {
  test('print the key once, alone on standard output, and it works at once', async () => {
    const { run } = await newOrganization()
    const created = await run(
      'api-keys create --name Chat~app --models gpt-*,o* --providers openai',
    )
    expect(created.stdout).toMatch(/^kw_[0-9A-Za-z]{54}\n$/)
    const key = created.stdout.trim()
    expect(created.stderr).toContain('only time')
    expect(created.stderr).not.toContain(key)
    const models = { path: '/v1/models', method: 'GET', apiKey: key }
    expect((await call(keyway, undefined, models)).status).toBe(200)
    const shown = await run('api-keys get Chat~app --json')
    expect(shown.json()).toMatchObject({ models: ['gpt-*', 'o*'], providers: ['openai'] })
    for (const { stdout } of [shown, await run('api-keys list'), await run('audit --json')]) {
      expect(stdout).not.toContain(key)
    }
  })

  test('are changed, rotated with an overlap, and deleted', async () => {
    const { run } = await newOrganization()
    const first = (await run('api-keys create --name A --json')).json()
    const updated = await run('api-keys update A --name B --expires-at 30d --disabled --json')
    expect(updated.json()).toMatchObject({ id: first['id'], name: 'B', disabled: true })
    const back = await run('api-keys update B --enabled --expires-at never --models  --json')
    expect(back.json()).toMatchObject({ disabled: false, expires_at: null, models: [] })
    const rotated = await run('api-keys rotate B --overlap 1h')
    expect(rotated.stdout).toMatch(/^kw_/)
    expect(rotated.stderr).toContain('another 3600 seconds')
    for (const key of [String(first['key']), rotated.stdout.trim()]) {
      const models = { path: '/v1/models', method: 'GET', apiKey: key }
      expect((await call(keyway, undefined, models)).status).toBe(200)
    }
    const deleted = await run('api-keys delete B --json')
    expect(deleted.json()).toEqual({ id: first['id'], deleted: true })
    expect((await run('api-keys get B')).exitCode).toBe(1)
  })

  test('are limited, and not any more', async () => {
    const { run } = await newOrganization()
    const limits = '--limits requests_per_minute=60,concurrent_requests=4'
    const made = await run(`api-keys create --name A ${limits} --json`)
    expect(made.json()['limits']).toEqual({ requests_per_minute: 60, concurrent_requests: 4 })
    const changed = await run('api-keys update A --limits tokens_per_minute=1000 --json')
    expect(changed.json()['limits']).toEqual({ tokens_per_minute: 1000 })
    expect((await run('api-keys list')).stdout).toContain('{"tokens_per_minute":1000}')
    expect((await run('api-keys update A --limits none --json')).json()['limits']).toBeNull()
    for (const wrong of ['60', 'requests=60', 'requests_per_minute=many', 'requests_per_minute']) {
      const { exitCode, stderr } = await run(`api-keys update A --limits ${wrong}`)
      expect(exitCode).toBe(2)
      expect(stderr).toContain('--limits')
    }
  })

  test('of one name must be told apart by id', async () => {
    const { run } = await newOrganization()
    for (const _ of [1, 2]) await run('api-keys create --name twin')
    const { exitCode, stderr } = await run('api-keys delete twin')
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/by its id: key_\w+, key_\w+/)])
  })

  test('are listed through all pages', async () => {
    const { id, run } = await newOrganization()
    for (let n = 0; n < 104; n++) {
      await keyway.management.post(`/${id}/api-keys`, { name: `key ${n}` })
    }
    expect(await list(run, 'api-keys')).toHaveLength(105)
    expect(await list(run, 'api-keys')).toEqual(await list(run, 'api-keys'))
    expect(JSON.parse((await run('api-keys list --limit 3 --json')).stdout)).toHaveLength(3)
  })
})

describe('provider-keys', () => {
  test('are stored, used, replaced in place and taken away', async () => {
    const { id, run } = await newOrganization()
    const good = await keyway.standIns.issueCredential('openai', `${id} good`)
    const env = { GOOD: good, BAD: 'sk-nobody-knows-this-one' }
    await run('api-keys create --name app')
    const created = await run(
      'provider-keys create --provider openai --name Main --key-env BAD --api-keys app --priority 7 --json',
      env,
    )
    const key = created.json()
    expect(key).toMatchObject({ provider: 'openai', name: 'Main', priority: 7, hint: '-one' })
    expect(key['api_key_ids']).toHaveLength(1)
    await run('provider-keys update Main --api-keys  --models gpt-*')
    expect(
      (await run('provider-keys rotate Main --key-env GOOD --json', env)).json(),
    ).toMatchObject({
      id: key['id'],
      api_key_ids: [],
      models: ['gpt-*'],
    })
    const apiKey = (await run('api-keys create --name second')).stdout.trim()
    expect((await call(keyway, undefined, { ...chatCall, apiKey })).status).toBe(200)
    expect((await run('provider-keys delete Main')).exitCode).toBe(0)
    expect((await call(keyway, undefined, { ...chatCall, apiKey })).status).toBe(400)
  })

  test('are tested for real', async () => {
    const { id, run } = await newOrganization()
    const GOOD = await keyway.standIns.issueCredential('openai', `${id} tested`)
    await run('provider-keys create --provider openai --name good --key-env GOOD', { GOOD })
    const env = { BAD: 'sk-nobody-knows-this-one' }
    await run('provider-keys create --provider openai --name bad --key-env BAD', env)
    const good = await run('provider-keys test good --json')
    expect([good.exitCode, good.json()]).toEqual([0, expect.objectContaining({ ok: true })])
    const bad = await run('provider-keys test bad')
    expect([bad.exitCode, bad.stderr]).toEqual([1, expect.stringContaining('does not work')])
  })

  test('of several parts take the key at its place', async () => {
    const { id, run } = await newOrganization()
    const { endpoint, api_key: KEY } = await keyway.standIns.issueCredential('azure', `${id} azure`)
    const inside = JSON.stringify({ endpoint, api_key: '@' })
    const words = `provider-keys create --provider azure --name a --key-env KEY --key-inside ${inside}`
    expect((await run(words, { KEY })).exitCode).toBe(0)
    const wrong = await run(words.replace('"@"', '"x"'), { KEY })
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining('must have "@"')])
  })

  test('may be brought by each caller', async () => {
    const { run } = await newOrganization()
    const words = 'provider-keys create --provider anthropic --name own --source passthrough --json'
    expect((await run(words)).json()).toMatchObject({ provider: 'anthropic', hint: null })
  })

  test('that are refused name the field, and not the value', async () => {
    const { run } = await newOrganization()
    const words = 'provider-keys create --provider bedrock --name b --key-env KEY'
    const env = { KEY: '{"us-east-1":{"access_key_id":"AKIAIOSFODNN7EXAMPLE"}}' }
    const { exitCode, stdout, stderr } = await run(words, env)
    expect([exitCode, stdout]).toEqual([1, ''])
    expect(stderr).toContain('provider_key.us-east-1.secret_access_key')
    expect(stderr).toMatch(/request id: req_/)
    expect(stderr).not.toContain('AKIAIOSFODNN7EXAMPLE')
  })
})

describe('endpoints, routes and tokens', () => {
  test('an endpoint keeps its secrets, and its connector gets a token', async () => {
    const { run } = await newOrganization()
    const env = { KEY: 'model-key-abcd', ACCESS: 'access-secret-1234' }
    const words =
      'endpoints create --name edge --reach connector --auth x-api-key --key-env KEY --header CF-Access-Client-Secret=env:ACCESS --models llama --first-byte-ms 9000 --total-ms 90000 --json'
    const created = await run(words, env)
    expect(created.json()).toMatchObject({
      reach: 'connector',
      auth: 'x-api-key',
      hint: 'abcd',
      header_names: ['cf-access-client-secret'],
      timeouts: { first_byte_ms: 9000, total_ms: 90_000 },
    })
    for (const secret of Object.values(env)) expect(created.stdout).not.toContain(secret)
    const updated = await run('endpoints update edge --default-model llama --remove-headers --json')
    expect(updated.json()).toMatchObject({ default_model: 'llama', header_names: [], hint: 'abcd' })
    const token = await run('endpoints connector-token edge')
    expect([token.exitCode, token.stdout]).toEqual([0, expect.stringMatching(/^\S{20,}\n$/)])
    const patient = await run('endpoints update edge --total-ms none --idle-ms 700 --json')
    expect(patient.json()['timeouts']).toEqual({ first_byte_ms: 9000, idle_ms: 700 })
    expect((await run('endpoints list')).stdout).toContain('connector')
    expect((await run('endpoints delete edge')).exitCode).toBe(0)
  })

  test('an endpoint can have an app of Entra’s for its key', async () => {
    const { run } = await newOrganization()
    const app = {
      tenant_id: 'contoso.com',
      client_id: '66666666-7777-4888-8999-000000000000',
      client_secret: 'app-secret-5678',
      scope: 'api://rag/.default',
    }
    const env = { APP: JSON.stringify(app, null, 2), NEXT: 'no app' }
    const words =
      'endpoints create --name site --kind edge-rag --base-url https://rag.example.com --auth entra --json'
    const made = await run(`${words} --key-env APP`, env)
    expect(made.json()).toMatchObject({ auth: 'entra', hint: '5678' })
    expect(made.stdout).not.toContain('app-secret')
    const refused = await run('endpoints update site --auth entra --key-env NEXT', env)
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('api_key')])
  })

  test('a preset says which headers an endpoint needs, and completes them', async () => {
    const { run } = await newOrganization()
    const words = 'endpoints create --base-url https://models.example.com/v1 --json --name'
    const refused = await run(`${words} one --preset cloudflare-access`)
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/cf-access-client-id and cf-access-client-secret/),
    ])
    const made = await run(`${words} two --preset ngrok`)
    expect(made.json()).toMatchObject({ header_names: ['ngrok-skip-browser-warning'] })
  })

  test('a route has its targets in order', async () => {
    const { run } = await newOrganization()
    const target = '{"model":"openai/gpt-5.5","overrides":{"temperature":0}}'
    const words = `routes create --name fast --strategy weighted --target ${target} --target mistral/mistral-large-4-0=30 --json`
    expect((await run(words)).json()['targets']).toEqual([
      { model: 'openai/gpt-5.5', overrides: { temperature: 0 } },
      { model: 'mistral/mistral-large-4-0', weight: 30 },
    ])
    const updated = await run('routes update fast --strategy fallback --json')
    expect(updated.json()).toMatchObject({ name: 'fast', strategy: 'fallback' })
    const hedged = await run('routes update fast --sticky none --hedge-after-ms 1500 --json')
    expect(hedged.json()).toMatchObject({ sticky: 'none', hedge_after_ms: 1500 })
    const usual = await run('routes update fast --hedge-after-ms none --json')
    expect(usual.json()).toMatchObject({ sticky: 'none', hedge_after_ms: null })
    const hasty = await run('routes update fast --first-byte-ms 5000 --idle-ms 700 --json')
    expect(hasty.json()).toMatchObject({ timeouts: { first_byte_ms: 5000, idle_ms: 700 } })
    const fewer = 'routes update fast --idle-ms none --total-ms 90000 --json'
    expect((await run(fewer)).json()['timeouts']).toEqual({
      first_byte_ms: 5000,
      total_ms: 90_000,
    })
    const mistyped = await run('routes update fast --target openai/gpt-5.5=much')
    expect([mistyped.exitCode, mistyped.stderr]).toEqual([2, expect.stringContaining('a weight')])
    expect(await list(run, 'routes')).toHaveLength(1)
    expect((await run('routes delete fast')).exitCode).toBe(0)
  })

  test('a token manages its own organization until it is deleted, and changes are on record', async () => {
    const { run } = await newOrganization()
    const created = await run('tokens create --name ci --role viewer --expires-at 90d')
    const env = { KEYWAY_TOKEN: created.stdout.trim() }
    expect(env.KEYWAY_TOKEN).toMatch(/^kwm_/)
    expect((await run('api-keys list', { ...env, KEYWAY_ORG: '' })).exitCode).toBe(0)
    const refused = await run('api-keys create --name x', env)
    expect([refused.exitCode, refused.stdout]).toEqual([1, ''])
    expect((await run('tokens delete ci')).exitCode).toBe(0)
    expect((await run('api-keys list', env)).exitCode).toBe(3)
    const audit = await run('audit --action token.create --since 1h --json')
    const entries = JSON.parse(audit.stdout) as Record<string, unknown>[]
    expect(entries.map((entry) => entry['action'])).toEqual(['token.create'])
    expect((await run('audit')).stdout).toContain('token.delete')
  })
})

describe('usage', () => {
  test('is shown by what it is asked by, or altogether', async () => {
    const { run } = await newOrganization()
    expect((await run('usage')).stderr).toContain('There were no requests.')
    const apiKey = (await run('api-keys create --name app')).stdout.trim()
    expect((await call(keyway, undefined, { ...chatCall, apiKey })).status).toBe(400)
    const counted = async (): Promise<string> =>
      (await run('usage --by outcome,day --since 1d')).stdout
    await expect
      .poll(counted, { timeout: 10_000 })
      .toMatch(/^OUTCOME +DAY +REQUESTS.*\nno_provider_key /)
    expect((await run('usage --by  --json')).json()).toMatchObject({ totals: { requests: 1 } })
    expect((await run('usage --by minute,outcome')).stdout).toMatch(/ no_provider_key +1 /)
    const before = (await run('usage --by minute --until 1h --json')).json()
    expect(before).toMatchObject({ granularity: 'minute', data: [] })
    const refused = await run('usage --by colour')
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('group_by')])
  })
})
