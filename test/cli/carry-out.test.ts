import { describe, expect, test } from 'vitest'
import { carryOut } from '../../cli/apply/carry-out.ts'
import { deletions, difference } from '../../cli/apply/difference.ts'
import { openMemory } from '../../cli/apply/memory.ts'
import { SECTIONS } from '../../cli/apply/sections.ts'
import type { Client } from '../../cli/client.ts'
import { EXIT } from '../../cli/exit-codes.ts'
import { Failure } from '../../cli/failure.ts'
import { thisMachine } from '../../cli/machine.ts'
import { newFolder } from './run-keyway.ts'

function sectionOf(name: string) {
  const found = SECTIONS.find((one) => one.name === name)
  if (found === undefined) throw new Error(`there is no section for ${name}`)
  return found
}

const section = sectionOf('routes')

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

describe('an API key whose secret is to be saved', () => {
  const change = {
    action: 'create',
    section: sectionOf('api_keys'),
    name: 'A',
    current: undefined,
    members: [],
    send: { name: 'A' },
    sendSecrets: {},
  } as const
  const created = { id: 'key_1', name: 'A', hint: 'good', key: 'kw_secret' }
  const rotated = { ...created, hint: 'next' }
  const refusal = (status: number, code: string) =>
    new Failure(EXIT.refused, 'It was refused.', { status, code })

  /** What is said to be unsaved, by runs to come, after the key could not be made, or not be saved. */
  async function stoppedAt(answer: object | Error, saveTo: string) {
    const path = `${newFolder()}/state.json`
    const { client } = newClient([])
    const memory = openMemory(path)
    const carried = carryOut([{ ...change, saveTo: { kind: 'file', path: saveTo } }], {
      machine: thisMachine(),
      client: {
        ...client,
        post: () =>
          answer instanceof Error ? Promise.reject(answer) : Promise.resolve({ ...answer }),
      },
      organization: '/org_1',
      memory,
      keys,
      hint: () => undefined,
    })
    await carried.catch(() => undefined)
    return () => openMemory(path).unsaved
  }

  test('is unsaved where its place is gone, until it has another secret', async () => {
    const unsaved = await stoppedAt(created, '/nowhere/a.key')
    expect(unsaved().has('/org_1', created)).toBe(true)
    expect(unsaved().has('/org_1', rotated)).toBe(false)
    expect(unsaved().has('/org_2', created)).toBe(false)
  })

  test('is not unsaved once it is saved', async () => {
    const unsaved = await stoppedAt(created, `${newFolder()}/a.key`)
    expect(unsaved().has('/org_1', created)).toBe(false)
  })

  test.each([
    ['was never answered', new Failure(EXIT.unreachable, 'It broke.'), true],
    ['failed in the gateway', refusal(503, 'unavailable'), true],
    ['was carried out before', refusal(409, 'idempotency_conflict'), true],
    ['was refused', refusal(400, 'invalid_request'), false],
  ])('whose making %s', async (_, error, isUnsaved) => {
    const unsaved = await stoppedAt(error, 'a.key')
    expect(unsaved().has('/org_1', created)).toBe(isUnsaved)
  })

  test('whose making was never answered is known by what is there at the next run', async () => {
    const unsaved = await stoppedAt(new Failure(EXIT.unreachable, 'It broke.'), 'a.key')
    unsaved().settle('/org_2', [rotated])
    expect(unsaved().has('/org_1', rotated)).toBe(true)
    unsaved().settle('/org_1', [created])
    expect([created, rotated].map((one) => unsaved().has('/org_1', one))).toEqual([true, false])
  })
})
