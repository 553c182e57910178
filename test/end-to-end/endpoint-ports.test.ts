import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { newSecrets } from '../../scripts/local-secrets.ts'
import { managementClient } from '../../scripts/management-client.ts'
import { runWorker } from '../../scripts/run-worker.ts'
import { call } from '../support/call.ts'

const folder = mkdtempSync(join(tmpdir(), 'keyway-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** One deployment, started twice with other settings. */
const deployment = newSecrets()
const start = (vars: Readonly<Record<string, string>>) =>
  runWorker({ vars: { ...deployment, ...vars }, persistTo: folder })

const endpointOn = (port: number) => ({
  name: `on-${port}`,
  reach: 'url',
  base_url: `https://models.example.com:${port}/v1`,
  models: ['llama-4'],
})

/** Stores an endpoint on a port that is allowed; answers with an API key to call it with. */
async function storeWhereAllowed(): Promise<string> {
  await using worker = await start({ ALLOWED_ENDPOINT_PORTS: '8443, 11434' })
  const management = managementClient(worker.url, deployment.ADMIN_TOKEN)
  const { id } = await management.post('', { name: 'Acme' })
  const endpoints = `/${String(id)}/endpoints`
  const made = await management.post(endpoints, endpointOn(8443))
  expect(made['base_url']).toBe('https://models.example.com:8443/v1')

  const refused = await call(worker, undefined, {
    path: `/v1/organizations${endpoints}`,
    apiKey: deployment.ADMIN_TOKEN,
    body: endpointOn(9443),
  })
  const message = expect.stringMatching(/only 443, 8443, 11434 are called/)
  expect(refused).toMatchObject({ status: 400, json: { error: { param: 'base_url', message } } })
  const { key } = await management.post(`/${String(id)}/api-keys`, { name: 'application' })
  return String(key)
}

test('ports that the deployment allows may be named, and are called no longer than it does', async () => {
  const apiKey = await storeWhereAllowed()
  await using worker = await start({})
  const answer = await call(worker, undefined, {
    path: '/v1/chat/completions',
    apiKey,
    body: { model: 'byom/on-8443', messages: [{ role: 'user', content: 'Hello' }] },
  })
  const message = expect.stringMatching(/only 443 is called/)
  expect(answer).toMatchObject({ status: 500, json: { error: { code: 'misconfigured', message } } })
})
