import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { AttemptRecord } from '../../src/gateway/record/trace.ts'
import { dataPlane } from '../../src/routes/data-plane.ts'
import type { Env } from '../../src/storage/env.ts'
import { credentialName } from '../../src/storage/use/credential-name.ts'
import type { KeyUse } from '../../src/storage/use/key-use.ts'
import { testEnv } from '../storage/world.ts'

/** What the record of an organization hears of a request that was tried so. */
async function toldOf(organizationId: string, attempts: readonly AttemptRecord[]): Promise<KeyUse> {
  const told: KeyUse[] = []
  const record = { keysWereUsed: (use: KeyUse) => Promise.resolve(void told.push(use)) }
  const env = { ...testEnv(), ORGANIZATION: { getByName: () => record } } as unknown as Env
  const app = new Hono<{ Bindings: Env }>()
  const answer = dataPlane('openai', (_, __, trace) => {
    trace.caller = { organizationId, apiKeyId: 'key_1', metering: 'universal' }
    trace.attempts.push(...attempts)
    return Promise.resolve(new Response(''))
  })
  app.post('/', answer)
  const behind = createExecutionContext()
  const answered = await app.request('/', { method: 'POST' }, env, behind)
  expect([answered.status, await answered.text()]).toEqual([200, ''])
  await waitOnExecutionContext(behind)
  const [use, ...others] = told
  expect(others).toEqual([])
  if (use === undefined) throw new Error('nothing was told')
  return use
}

const sealed = (id: string) => ({ id, sealed: `v1.k1.${id}-0123456789abcdef` })
const fault = { status: 401, message: 'one refused the key.' }

test('what went wrong is told with the name of the credential that it was found with', async () => {
  const use = await toldOf('org_0000000000000001', [
    { keyId: 'pk_1', outcome: '401', reason: 'refused', fault, record: sealed('pk_1') },
    { keyId: 'pk_2', outcome: '200', record: sealed('pk_2') },
  ])
  expect(use.errors).toEqual({ pk_1: { at: expect.stringMatching(/^20/), ...fault } })
  expect(use.credentials).toEqual({ pk_1: credentialName(sealed('pk_1')) })
})

test('so is that it works again, and no seal is told', async () => {
  const news = { kind: 'recovered', model: null } as const
  const use = await toldOf('org_0000000000000002', [
    { keyId: 'pk_3', outcome: '200', health: news, record: sealed('pk_3') },
  ])
  expect(use.credentials).toEqual({ pk_3: credentialName(sealed('pk_3')) })
  expect(JSON.stringify(use)).not.toContain(sealed('pk_3').sealed)
})
