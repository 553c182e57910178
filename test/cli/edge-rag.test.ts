import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Keyway, startKeyway } from '../support/keyway.ts'
import { startCluster } from './fake-kubectl.ts'
import { runKeyway } from './run-keyway.ts'

const PLACE = 'arc-rag/byom-api-key/BYOM_API_KEY'

let keyway: Keyway
beforeAll(async () => {
  keyway = await startKeyway()
})
afterAll(() => keyway[Symbol.asyncDispose]())

const settings = (org: string) => ({
  KEYWAY_URL: keyway.url,
  KEYWAY_TOKEN: keyway.adminToken,
  KEYWAY_ORG: org,
})

const worksAs = async (apiKey: string | undefined): Promise<number> => {
  const headers = { authorization: `Bearer ${apiKey ?? ''}` }
  return (await fetch(`${keyway.url}/v1/models`, { headers })).status
}

describe('get-key', () => {
  test('prints what is in the secret, and needs no Keyway', async () => {
    const cluster = startCluster({ [PLACE]: 'byom-secret' })
    const { stdout, exitCode } = await runKeyway(['edge-rag', 'get-key'], { env: cluster.env })
    expect([stdout, exitCode]).toEqual(['byom-secret\n', 0])
    expect(cluster.calls()).toEqual([
      ['get', 'secret', 'byom-api-key', '-n', 'arc-rag', '-o', 'json'],
    ])
  })

  test.each([
    ['the secret is missing', {}, [], 6, 'NotFound'],
    ['the field is missing', { 'arc-rag/byom-api-key/OTHER': 'x' }, [], 2, 'It has OTHER.'],
    ['the name is none', {}, ['--secret', '--all'], 2, 'must be NAMESPACE/NAME/FIELD'],
  ])('says so when %s', async (_, fields, words, code, text) => {
    const { env } = startCluster(fields)
    const { stderr, exitCode } = await runKeyway(['edge-rag', 'get-key', ...words], { env })
    expect([exitCode, stderr]).toEqual([code, expect.stringContaining(text)])
  })

  test('says so when there is no kubectl', async () => {
    const { stderr, exitCode } = await runKeyway(['edge-rag', 'get-key'], {
      env: { PATH: '/none' },
    })
    expect([exitCode, stderr]).toEqual([6, expect.stringContaining('could not be started')])
  })
})

describe('set-key', () => {
  test('replaces the key with no gap: the old one works on, and nothing is deleted', async () => {
    const own = await keyway.organization({ providers: [] })
    const cluster = startCluster({ [PLACE]: own.apiKey, 'arc-rag/byom-api-key/OTHER': 'stays' })
    const env = { ...settings(own.id), ...cluster.env }
    const set = await runKeyway(['edge-rag', 'set-key', '--api-key', 'application'], { env })
    expect(set).toMatchObject({ exitCode: 0, stdout: '' })
    const fresh = cluster.field(PLACE)
    expect(fresh).not.toBe(own.apiKey)
    expect([await worksAs(own.apiKey), await worksAs(fresh)]).toEqual([200, 200])
    expect(cluster.field('arc-rag/byom-api-key/OTHER')).toBe('stays')
    expect(cluster.calls().map(([verb]) => verb)).toEqual(['auth', 'get', 'apply', 'get'])
    for (const secret of [fresh ?? '', own.apiKey, keyway.adminToken]) {
      expect(cluster.processes()).not.toContain(secret)
      expect(set.stderr).not.toContain(secret)
    }
  })

  test('with no overlap the old key stops', async () => {
    const own = await keyway.organization({ providers: [] })
    const cluster = startCluster({ [PLACE]: own.apiKey })
    const env = { ...settings(own.id), ...cluster.env }
    const words = ['edge-rag', 'set-key', '--api-key', own.apiKeyId, '--overlap', '0']
    expect((await runKeyway(words, { env })).exitCode).toBe(0)
    expect([await worksAs(own.apiKey), await worksAs(cluster.field(PLACE))]).toEqual([401, 200])
  })

  test('on a fresh cluster makes the API key when told to, and the secret', async () => {
    const own = await keyway.organization({ providers: [] })
    const cluster = startCluster()
    const env = { ...settings(own.id), ...cluster.env }
    const words = ['edge-rag', 'set-key', '--api-key', 'Edge RAG']
    const without = await runKeyway(words, { env })
    expect(without.exitCode).toBe(1)
    const made = await runKeyway([...words, '--create', '--json'], { env })
    expect(made.json()).toMatchObject({ created: true, secret: PLACE })
    expect(await worksAs(cluster.field(PLACE))).toBe(200)
  })

  test('puts a given key there', async () => {
    const cluster = startCluster({ [PLACE]: 'byom-secret' })
    const env = { ...cluster.env, MODEL_KEY: 'given-key-0001' }
    const words = ['edge-rag', 'set-key', '--key-env', 'MODEL_KEY']
    expect((await runKeyway(words, { env })).exitCode).toBe(0)
    expect(cluster.field(PLACE)).toBe('given-key-0001')
    expect(cluster.processes()).not.toContain('given-key-0001')
  })

  test('does not rotate when the secret could not be written', async () => {
    const own = await keyway.organization({ providers: [] })
    const cluster = startCluster({ [PLACE]: own.apiKey }, { FAKE_REFUSES: 'auth can-i' })
    const env = { ...settings(own.id), ...cluster.env }
    const words = ['edge-rag', 'set-key', '--api-key', 'application', '--overlap', '0']
    expect((await runKeyway(words, { env })).exitCode).toBe(6)
    expect([await worksAs(own.apiKey), cluster.field(PLACE)]).toEqual([200, own.apiKey])
  })

  test.each([
    ['--namespace', 'arc/rag'],
    ['--secret', '--all'],
    ['--field', 'A=B'],
  ])('does not rotate for a place that is none: %s %s', async (option, value) => {
    const own = await keyway.organization({ providers: [] })
    const cluster = startCluster({ [PLACE]: own.apiKey })
    const env = { ...settings(own.id), ...cluster.env }
    const words = ['edge-rag', 'set-key', '--api-key', 'application', '--overlap', '0']
    const set = await runKeyway([...words, option, value], { env })
    expect([set.exitCode, set.stderr]).toEqual([2, expect.stringContaining('NAMESPACE/NAME/FIELD')])
    expect([await worksAs(own.apiKey), cluster.calls()]).toEqual([200, []])
  })

  test('that fails half-way leaves the old key working, and says to repeat', async () => {
    const own = await keyway.organization({ providers: [] })
    const cluster = startCluster({ [PLACE]: own.apiKey }, { FAKE_REFUSES: 'apply' })
    const env = { ...settings(own.id), ...cluster.env }
    const set = await runKeyway(['edge-rag', 'set-key', '--api-key', 'application'], { env })
    expect([set.exitCode, set.stderr]).toEqual([6, expect.stringContaining('repeat this')])
    expect([await worksAs(own.apiKey), cluster.field(PLACE)]).toEqual([200, own.apiKey])
  })
})

describe('verify', () => {
  test('calls Keyway with the key, and a model as Edge RAG would', async () => {
    const own = await keyway.organization({ providers: ['openai'] })
    const { env } = startCluster({ [PLACE]: own.apiKey })
    const words = ['edge-rag', 'verify', '--url', keyway.url, '--json', '--model', 'openai/gpt-4.1']
    const verified = await runKeyway(words, { env })
    expect(verified.json()).toMatchObject({ ok: true, secret: PLACE, answered: 'openai/gpt-4.1' })
    expect(verified.stdout).not.toContain(own.apiKey)
  })

  test.each([
    ['byom-secret', 'placeholder of the installation'],
    ['kw_unknown', 'Keyway refuses the key in arc-rag/byom-api-key/BYOM_API_KEY'],
  ])('refuses %s', async (value, text) => {
    const { env } = startCluster({ [PLACE]: value })
    const verified = await runKeyway(['edge-rag', 'verify', '--url', keyway.url], { env })
    expect([verified.exitCode, verified.stderr]).toEqual([1, expect.stringContaining(text)])
  })
})
