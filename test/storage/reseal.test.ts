import { expect, test } from 'vitest'
import { readSettings } from '../../src/storage/env.ts'
import { replicaOf } from '../../src/storage/replica/replica.ts'
import { createProviderKey, openCredential } from '../../src/storage/resources/provider-keys.ts'
import { resealOrganization } from '../../src/storage/resources/reseal.ts'
import { aProviderKey } from './outbox-world.ts'
import { masterKey, newOrganization, testEnv, writer } from './world.ts'

const k1 = masterKey('k1', 1)
const k2 = masterKey('k2', 2)
const both = testEnv({ MASTER_KEYS: `${k2},${k1}` })
const onlyNew = testEnv({ MASTER_KEYS: k2 })

async function secretsOf(env: typeof both, organizationId: string): Promise<unknown[]> {
  const keys = await replicaOf(env).providerKeys(organizationId, 'openai')
  const { masterKeys } = readSettings(env)
  return Promise.all(keys.map((key) => openCredential(masterKeys, organizationId, key)))
}

test('re-sealing moves every secret to the first master key, and says how many', async () => {
  const id = await newOrganization()
  for (const name of ['a', 'b', 'c']) await createProviderKey(writer(), id, aProviderKey(name))
  await createProviderKey(writer(both), id, aProviderKey('d'))
  const before = await secretsOf(both, id)
  expect(await resealOrganization(writer(both), id)).toEqual({ resealed: 3, already_current: 1 })
  expect(await secretsOf(both, id)).toEqual(before)
  expect(await secretsOf(onlyNew, id)).toEqual(before)
  expect(await resealOrganization(writer(both), id)).toEqual({ resealed: 0, already_current: 4 })
})

test('more secrets than one pass takes are all moved', async () => {
  const id = await newOrganization()
  const names = Array.from({ length: 230 }, (_, index) => `key ${index}`)
  await Promise.all(names.map((name) => createProviderKey(writer(), id, aProviderKey(name))))
  expect(await resealOrganization(writer(both), id)).toEqual({ resealed: 230, already_current: 0 })
  expect(await secretsOf(onlyNew, id)).toHaveLength(230)
})

test('without the old master key it says which secret does not open, and changes nothing', async () => {
  const id = await newOrganization()
  const { id: keyId } = await createProviderKey(writer(), id, aProviderKey('a'))
  await expect(resealOrganization(writer(onlyNew), id)).rejects.toMatchObject({
    code: 'misconfigured',
    message: expect.stringContaining(keyId),
  })
  expect(await secretsOf(both, id)).toHaveLength(1)
})
