import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { newSecrets } from '../../scripts/local-secrets.ts'
import { managementClient } from '../../scripts/management-client.ts'
import { runWorker } from '../../scripts/run-worker.ts'
import { call, chatCall, nativeCall } from '../support/call.ts'
import { lastRequest } from '../support/keyway.ts'
import { type StandIns, startStandIns } from '../upstreams/stand-ins.ts'

const SOON = { timeout: 10_000, interval: 50 }

let standIns: StandIns
beforeAll(async () => {
  standIns = await startStandIns()
})
afterAll(() => standIns.close())

const bodyOf = (providerKey: unknown) => ({
  provider: 'openai',
  provider_key: providerKey,
  name: 'a key',
  api_key_ids: [],
})

describe('a secret of the deployment that is gone or broken when it is used', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyway-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  /** One deployment that is started again and again, each time with other secrets. */
  const deployment = newSecrets()
  const start = (name: string, more: Readonly<Record<string, string>>) =>
    runWorker({
      vars: {
        ...deployment,
        PROVIDER_BASE_URLS: JSON.stringify(standIns.baseUrls),
        ALLOW_LOOPBACK_UPSTREAMS: 'true',
        ...more,
      },
      persistTo: join(folder, name),
    })

  test.each([
    ['gone', {}, /needs the secret BYOK_LATER, which this deployment does not have/],
    [
      'broken',
      { BYOK_LATER: 'CANARY in a secret' },
      /BYOK_LATER, which is not a credential of openai/,
    ],
  ])('and %s is named, and gives way to the next key', async (name, more, why) => {
    const label = `later ${name}`
    const good = await standIns.issueCredential('openai', label)
    let organization = ''
    let keyId = ''
    let apiKey = ''
    {
      await using first = await start(name, { BYOK_LATER: good })
      const management = managementClient(first.url, deployment.ADMIN_TOKEN)
      organization = String((await management.post('', { name }))['id'])
      apiKey = String((await management.post(`/${organization}/api-keys`, { name }))['key'])
      const body = { ...bodyOf({ source: 'env', name: 'BYOK_LATER' }), priority: 1 }
      keyId = String((await management.post(`/${organization}/provider-keys`, body))['id'])
      expect((await call(first, { apiKey }, chatCall)).status).toBe(200)
      expect(lastRequest(standIns, 'openai').credential).toBe(label)
    }

    await using worker = await start(name, more)
    const management = managementClient(worker.url, deployment.ADMIN_TOKEN)
    for (const request of [chatCall, nativeCall]) {
      const answer = await call(worker, { apiKey }, request)
      expect([answer.status, answer.headers.get('x-keyway-error-code')]).toEqual([
        400,
        'no_provider_key',
      ])
      expect(answer.headers.get('x-keyway-attempts')).toBe(`${keyId}:misconfigured`)
      expect(answer.text).toMatch(why)
      expect(answer.text).toContain(keyId)
      expect(answer.text + JSON.stringify([...answer.headers])).not.toContain('CANARY')
    }
    const path = `/${organization}/provider-keys`
    expect(await management.post(`${path}/${keyId}/test`, {})).toMatchObject({
      ok: false,
      status: null,
      message: expect.stringMatching(why),
    })
    await vi.waitFor(async () => {
      expect(await management.get(`${path}/${keyId}`)).toMatchObject({
        last_error: { status: null, message: expect.stringMatching(why) },
      })
    }, SOON)

    const next = `next ${name}`
    const inline = await standIns.issueCredential('openai', next)
    const { id } = await management.post(path, bodyOf(inline))
    const answer = await call(worker, { apiKey }, chatCall)
    expect(answer.headers.get('x-keyway-attempts')).toBe(
      `${keyId}:misconfigured, ${String(id)}:200`,
    )
    expect(lastRequest(standIns, 'openai').credential).toBe(next)
    expect(worker.output()).not.toContain('CANARY')
  })
})
