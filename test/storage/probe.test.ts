import { env, exports } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { expect, test, vi } from 'vitest'
import { dump, kvEntries, newOrganization, recordOf } from './world.ts'
test('probe', async () => {
  const id = await newOrganization()
  console.log(id, await kvEntries())
  await runInDurableObject(recordOf(id), (instance: any, state) => {
    console.log(dump(state), instance.env === env, instance.env.KEYWAY === env.KEYWAY, instance.env.KEYWAY.put === env.KEYWAY.put)
    console.log(Object.getPrototypeOf(env.KEYWAY), Object.getOwnPropertyNames(Object.getPrototypeOf(env.KEYWAY)), state.id.name)
  })
  await runInDurableObject(recordOf('org_nope'), (instance: any, state) => { console.log('unknown', dump(state), state.storage.sql.databaseSize) })
})
