import { runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { nextEndMs } from '../../src/storage/organization/endings.ts'
import { countingSql } from './rows-read.ts'
import { newOrganization, recordOf } from './world.ts'

const TIME = Date.parse('2099-11-20T12:00:00.000Z')

/** Adds 500 hashes of API keys that were replaced, or answers that are kept, which end one after the other from then on. */
const ADD = {
  replaced: `INSERT INTO replaced_api_keys (hash, api_key_id, valid_until) VALUES (?, 'key_1', ?)`,
  answers: `INSERT INTO idempotency (key_hash, fingerprint, entity, version, ends_at) VALUES (?, '', '', 1, ?)`,
}

test.each([
  ['neither', [], undefined],
  ['replaced keys', [['replaced', 60]], 60],
  ['kept answers', [['answers', 30]], 30],
  [
    'both',
    [
      ['replaced', 60],
      ['answers', 30],
    ],
    30,
  ],
  [
    'both, the other way',
    [
      ['replaced', 20],
      ['answers', 30],
    ],
    20,
  ],
] as const)('the first end of %s is found without reading all of them', async (_, added, first) => {
  const found = await runInDurableObject(recordOf(await newOrganization()), (__, { storage }) => {
    for (const [kind, second] of added) {
      for (let at = 0; at < 500; at += 1) {
        const end = new Date(TIME + (second + at) * 1000).toISOString()
        storage.sql.exec(ADD[kind], `${kind}-${at}`, end)
      }
    }
    const { sql, rowsRead } = countingSql(storage.sql)
    return { endMs: nextEndMs(sql), read: rowsRead() }
  })
  expect(found.endMs).toBe(first && TIME + first * 1000)
  expect(found.read).toBeLessThan(10)
})
