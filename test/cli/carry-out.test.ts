import { describe, expect, test } from 'vitest'
import { carryOut } from '../../cli/apply/carry-out.ts'
import { deletions, difference } from '../../cli/apply/difference.ts'
import { openMemory } from '../../cli/apply/memory.ts'
import { SECTIONS } from '../../cli/apply/sections.ts'
import type { Client } from '../../cli/client.ts'
import { thisMachine } from '../../cli/machine.ts'
import { newFolder } from './run-keyway.ts'

const section = SECTIONS.find(({ name }) => name === 'routes')
if (section === undefined) throw new Error('there is no section for routes')

const route = (name: string, model: string) => ({
  id: `rt_${name}`,
  name,
  strategy: 'fallback',
  targets: [{ model }],
})

const wanted = [
  {
    section,
    name: 'a',
    members: { name: 'a', targets: [{ model: 'new' }] },
    secrets: {},
    saveTo: undefined,
  },
]
const keys = { nameOf: (id: string) => id, idOf: (name: string) => name, add: () => undefined }

/** A management plane with the routes `a` and `b`; what it is asked to change is recorded. */
function newClient(now: ReturnType<typeof route>[]): { client: Client; log: string[] } {
  const log: string[] = []
  const refuse = () => Promise.reject(new Error('not expected'))
  const client: Client = {
    get: refuse,
    list: refuse,
    post: refuse,
    getVersion: (path) => {
      const thing = now.find(({ id }) => path.endsWith(id)) ?? {}
      return Promise.resolve({ thing, version: '"7"' })
    },
    patch: (path, body, version) => {
      log.push(`PATCH ${path} ${version ?? ''} ${JSON.stringify(body)}`)
      return Promise.resolve({ id: 'rt_a', ...body })
    },
    delete: (path, version) => {
      log.push(`DELETE ${path} ${version ?? ''}`)
      return Promise.resolve()
    },
  }
  return { client, log }
}

describe('carrying out a difference', () => {
  const stored = [{ section, things: [route('a', 'old'), route('b', 'old')] }]
  const memory = openMemory(`${newFolder()}/state.json`)
  const found = difference(wanted, stored, memory)
  const changes = [...found.changes, ...deletions(found)]
  const site = {
    machine: thisMachine(),
    organization: '/org_1',
    memory,
    keys,
    hint: () => undefined,
  }

  test('changes and deletes the version that was looked at', async () => {
    const { client, log } = newClient([route('a', 'old'), route('b', 'old')])
    await carryOut(changes, { ...site, client })
    expect(log).toEqual([
      'PATCH /org_1/routes/rt_a "7" {"targets":[{"model":"new"}]}',
      'DELETE /org_1/routes/rt_b "7"',
    ])
  })

  test('changes nothing that somebody else has changed since', async () => {
    const { client, log } = newClient([route('a', 'theirs'), route('b', 'old')])
    const carried = carryOut(changes, { ...site, client })
    await expect(carried).rejects.toThrow('Somebody changed it in the meantime.')
    expect(log).toEqual([])
  })
})
