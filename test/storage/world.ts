import { env } from 'cloudflare:workers'
import type { Env } from '../../src/storage/env.ts'
import type { OrganizationObject } from '../../src/storage/organization/organization-object.ts'
import type { WriteContext } from '../../src/storage/organization/record-access.ts'
import { createOrganization } from '../../src/storage/resources/organizations.ts'

export const ADMIN_TOKEN = 'an-admin-token'

/** 32 bytes of one value, as MASTER_KEYS has them. */
export function masterKey(id: string, byte: number): string {
  return `${id}:${btoa(String.fromCharCode(byte).repeat(32))}`
}

/** The test runner's bindings with settings of our own. */
export function testEnv(settings: Partial<Env> = {}): Env {
  return { ...env, ADMIN_TOKEN, MASTER_KEYS: masterKey('k1', 1), ...settings }
}

/** Behind every real clock, by which storage forgets what has ended. */
export const NOW = new Date('2099-11-20T12:00:00.000Z')

export function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count))
}

/** Someone who changes things at a fixed moment. */
export function writer(of: Env = testEnv()): WriteContext {
  return { env: of, by: 'admin', now: () => NOW, randomBytes }
}

export async function newOrganization(name = 'Acme', context = writer()): Promise<string> {
  return (await createOrganization(context, { name, metering: 'universal' })).id
}

export function recordOf(organizationId: string): DurableObjectStub<OrganizationObject> {
  return env.ORGANIZATION.getByName(organizationId)
}

/** Everything in KV whose key begins so, as text. */
export async function kvEntries(prefix = ''): Promise<Record<string, string>> {
  const { keys } = await env.KEYWAY.list({ prefix })
  const entries = keys.map(async ({ name }) => [name, (await env.KEYWAY.get(name)) ?? ''] as const)
  return Object.fromEntries(await Promise.all(entries))
}

/** Every row of every table of an organization, as text. */
export function dump({ storage: { sql } }: DurableObjectState): string {
  const tables = sql
    .exec<{ name: string }>(`SELECT name FROM sqlite_master WHERE type = 'table'`)
    .toArray()
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('_cf'))
  return JSON.stringify(tables.map((name) => [name, sql.exec(`SELECT * FROM ${name}`).toArray()]))
}
