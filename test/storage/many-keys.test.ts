import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, expect, test } from 'vitest'
import { createProviderKey, updateProviderKey } from '../../src/storage/resources/provider-keys.ts'
import { aProviderKey } from './outbox-world.ts'
import { newOrganization, recordOf, writer } from './world.ts'

let org = ''
beforeEach(async () => {
  org = await newOrganization()
})

const add = (provider = 'openai') =>
  createProviderKey(writer(), org, aProviderKey('one', 1, provider))

/** Puts as many copies of the only key beside it, each with models of so many characters. */
const copy = (count: number, characters: number): Promise<void> =>
  runInDurableObject(recordOf(org), (_, { storage: { sql } }) => {
    sql.exec(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
        INSERT INTO provider_keys (id, provider, name, sealed, api_key_ids, priority, models,
          disabled, settings, created_at, created_by, updated_at)
        SELECT id || i, provider, name, sealed, api_key_ids, priority, ?, disabled, settings,
          created_at, created_by, updated_at FROM provider_keys, n`,
      count,
      JSON.stringify(['m'.repeat(characters)]),
    )
  })

const published = async (): Promise<{
  length: number
  keys: { id: string; disabled: boolean }[]
}> => {
  const text = (await env.KEYWAY.get(`org/${org}/openai`)) ?? ''
  return { length: text.length, ...(JSON.parse(text) as { keys: [] }) }
}

test('an organization has a thousand keys for one provider, and no more', async () => {
  const { id } = await add()
  await copy(998, 1)
  expect((await add()).version).toBe(1)
  expect((await published()).keys).toHaveLength(1000)
  await expect(add()).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('1000'),
    details: { param: 'provider' },
  })
  await add('anthropic')
  await updateProviderKey(writer(), { organizationId: org, id }, { name: 'still mine to change' })
})

/** Each change publishes a record of megabytes. */
const PATIENCE = { timeout: 20_000 }

test(
  'the keys for one provider are never more than KV takes, and can still be disabled',
  PATIENCE,
  async () => {
    const { id } = await add()
    await copy(250, 20_000)
    const place = { organizationId: org, id }
    const models = Array.from({ length: 100 }, (_, at) => `${at}`.padEnd(200, 'm'))
    for (let full = false; !full;) {
      full = await createProviderKey(writer(), org, { ...aProviderKey('more'), models }).then(
        () => false,
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'conflict', details: { param: 'provider' } })
          return true
        },
      )
    }
    await expect(updateProviderKey(writer(), place, { models })).rejects.toMatchObject({
      code: 'conflict',
      details: { param: 'provider' },
    })
    await updateProviderKey(writer(), place, { disabled: true })
    const { keys, length } = await published()
    expect(keys.find((key) => key.id === id)).toMatchObject({ disabled: true })
    expect(length).toBeGreaterThan(4 * 1024 * 1024)
    expect(length).toBeLessThan(6 * 1024 * 1024)
  },
)
