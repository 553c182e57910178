import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { recordOf } from './world.ts'

/** What the publishing tests look at. */

export const anApiKey = {
  name: 'app',
  expires_at: null,
  providers: [],
  models: [],
  disabled: false,
}

export function aProviderKey(name: string, priority = 100, provider = 'openai') {
  return {
    provider,
    credential: { kind: 'key', apiKey: `sk-canary-${name}` } as const,
    hint: null,
    name,
    api_key_ids: [],
    priority,
    models: [],
    disabled: false,
    settings: { base_url: 'https://eu.example' },
  }
}

export type Waiting = { target: string; version: number; attempts: number }

export function outboxOf(organizationId: string): Promise<Waiting[]> {
  return runInDurableObject(recordOf(organizationId), (_, { storage: { sql } }) =>
    sql.exec<Waiting>(`SELECT target, version, attempts FROM outbox ORDER BY target`).toArray(),
  )
}

/** Lets time pass for what waits in the outbox, as the platform's clock would. */
export async function retryNow(organizationId: string): Promise<boolean> {
  await runInDurableObject(recordOf(organizationId), (_, { storage: { sql } }) => {
    sql.exec(`UPDATE outbox SET due_ms = 0`)
  })
  return runDurableObjectAlarm(recordOf(organizationId))
}

export async function alarmOf(organizationId: string): Promise<number | null> {
  return runInDurableObject(recordOf(organizationId), (_, { storage }) => storage.getAlarm())
}

/** Not the code under test's own: docs/storage.md says how it is stored. */
export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
