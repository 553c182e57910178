import type { EndpointCredential, EntraApp } from '../../core/credentials.ts'
import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'
import { secretHint } from '../../core/secret-hint.ts'
import { newToken } from '../../core/token-format.ts'
import { type Env, readSettings } from '../env.ts'
import type { Endpoint, Versioned } from '../organization/entities.ts'
import type { Page, PageRequest } from '../organization/page.ts'
import { askRecord, newId, valueOf, type WriteContext } from '../organization/record-access.ts'
import type { SealPurpose } from '../organization/sealed-columns.ts'
import type {
  EndpointAuth,
  EndpointKind,
  EndpointReach,
  EndpointRecord,
} from '../replica/records.ts'
import type { MasterKeys } from '../sealed/master-keys.ts'
import { open, seal } from '../sealed/sealed.ts'
import { issueSecret } from './issue-secret.ts'
import { owned, type Patch, type Place } from './owned.ts'

/** What may be said of an endpoint. Its key and the values of its headers are sealed before they leave the Worker. */
export interface EndpointFields {
  readonly name: string
  readonly kind: EndpointKind
  readonly base_url: string | null
  readonly reach: EndpointReach
  readonly auth: EndpointAuth
  readonly api_key: string | EntraApp | null
  readonly headers: Readonly<Record<string, string>> | null
  readonly models: readonly string[]
  readonly default_model: string | null
  readonly capabilities: object
  readonly timeouts: object
}

/** A connector token in the answer that issues it. */
export interface IssuedConnectorToken {
  readonly endpoint_id: string
  readonly token: string
  readonly hint: string
  readonly created_at: string
  readonly created_by: string
  readonly version: number
}

const ENDPOINT = 'endpoint'
const endpoints = owned<Endpoint>('endpoint', ENDPOINT)
const WAY_THERE = ['reach', 'base_url', 'auth', 'api_key', 'headers'] as const

/** Makes an endpoint. */
export async function createEndpoint(
  context: WriteContext,
  organizationId: string,
  fields: EndpointFields,
): Promise<Versioned<Endpoint>> {
  const id = newId('ep', context)
  const at = context.now().toISOString()
  const row = {
    ...(await rowOf(context, { organizationId, id }, fields)),
    connector_tokens: [],
    connector_hashes: '',
    created_at: at,
    created_by: context.by,
    updated_at: at,
    last_success_at: null,
    last_error: null,
    health: null,
  }
  return endpoints.insert(context, organizationId, { id, ...row })
}

/** One endpoint, without its secrets. */
export function getEndpoint(env: Env, place: Place): Promise<Versioned<Endpoint>> {
  return endpoints.find(env, place)
}

/** One endpoint with its secrets, still sealed, straight from the record: for trying it out. */
export async function getEndpointRecord(
  env: Env,
  { organizationId, id }: Place,
): Promise<EndpointRecord> {
  const reply = await askRecord(
    env,
    organizationId,
    async (record) => await record.findEndpointRecord(id),
  )
  const record: EndpointRecord = JSON.parse(valueOf(reply, ENDPOINT))
  return record
}

/** The organization's endpoints, oldest first. */
export function listEndpoints(
  env: Env,
  organizationId: string,
  page: PageRequest,
): Promise<Page<Endpoint>> {
  return endpoints.list(env, organizationId, page)
}

/** Changes what is named of an endpoint; null takes its key or its headers away. */
export async function updateEndpoint(
  context: WriteContext,
  place: Place,
  fields: Patch<EndpointFields>,
): Promise<Versioned<Endpoint>> {
  const row = await rowOf(context, place, fields)
  // What went wrong on another way there, or with another key, says nothing of this one.
  const isElsewhere = WAY_THERE.some((field) => fields[field] !== undefined)
  const unknown = { last_error: null, health: null }
  return endpoints.update(context, place, isElsewhere ? { ...row, ...unknown } : row)
}

/** Removes an endpoint with its secrets; no connector can dial in for it any more. */
export function deleteEndpoint(context: WriteContext, place: Place): Promise<void> {
  return endpoints.remove(context, place)
}

/** Issues a token that a connector dials in with. Two are live at once; `revokeOthers` ends every other one now. */
export async function issueConnectorToken(
  context: WriteContext,
  { organizationId, id }: Place,
  revokeOthers: boolean,
): Promise<IssuedConnectorToken> {
  const { secret, entity } = await issueSecret<Endpoint>(context, {
    organizationId,
    what: ENDPOINT,
    action: 'connector-token',
    make: (randomBytes) => newToken('kwc_', organizationId, randomBytes),
    write: async (record, next, change) =>
      await record.addConnectorToken(id, { ...next, revokeOthers }, change),
  })
  const newest = entity.connector_tokens.at(-1)
  return {
    endpoint_id: entity.id,
    token: secret,
    hint: newest?.hint ?? '',
    created_at: newest?.created_at ?? '',
    created_by: newest?.created_by ?? '',
    version: entity.version,
  }
}

/** The columns for what was said: secrets sealed, and of them only what may be shown. */
async function rowOf(
  context: WriteContext,
  place: Place,
  { api_key, headers, ...same }: Patch<EndpointFields>,
): Promise<JsonObject> {
  return {
    ...same,
    ...(api_key === undefined ? {} : await keyColumns(context, place, api_key)),
    ...(headers === undefined ? {} : await headerColumns(context, place, headers)),
  }
}

async function keyColumns(
  context: WriteContext,
  place: Place,
  key: string | EntraApp | null,
): Promise<JsonObject> {
  if (key === null) return { sealed_api_key: null, hint: null }
  const [secret, text] =
    typeof key === 'string' ? [key, key] : [key.clientSecret, JSON.stringify(key)]
  const sealed = await sealFor(context, place, ['endpoint-key', text])
  return { sealed_api_key: sealed, hint: secretHint(secret) }
}

async function headerColumns(
  context: WriteContext,
  place: Place,
  headers: Readonly<Record<string, string>> | null,
): Promise<JsonObject> {
  const names = Object.keys(headers ?? {})
  if (names.length === 0) return { sealed_headers: null, header_names: [] }
  const text = JSON.stringify(headers)
  const sealed = await sealFor(context, place, ['endpoint-headers', text])
  return { sealed_headers: sealed, header_names: names }
}

function sealFor(
  { env }: WriteContext,
  { organizationId, id: recordId }: Place,
  [purpose, text]: [SealPurpose, string],
): Promise<string> {
  return seal(readSettings(env).masterKeys, { organizationId, recordId, purpose }, text)
}

/** What goes with each request to an endpoint that was read from the replica. Hold it no longer than the record. */
export async function openEndpointSecrets(
  masterKeys: MasterKeys,
  organizationId: string,
  { id: recordId, auth, sealed_api_key: key, sealed_headers: sealedHeaders }: EndpointRecord,
): Promise<EndpointCredential> {
  const opened = async (purpose: SealPurpose, sealed: string | null): Promise<string | null> =>
    sealed === null ? null : await open(masterKeys, { organizationId, recordId, purpose }, sealed)
  const [apiKey, headerText] = await Promise.all([
    opened('endpoint-key', key),
    opened('endpoint-headers', sealedHeaders),
  ])
  const headers = textsIn(tryParseJson(headerText ?? '{}'))
  if (auth !== 'entra' || apiKey === null) return { kind: 'endpoint', apiKey, headers }
  const app: EntraApp = JSON.parse(apiKey)
  return { kind: 'endpoint', apiKey: null, app, headers }
}

function textsIn(value: unknown): Record<string, string> {
  const members = isObject(value) ? Object.entries(value) : []
  return Object.fromEntries(
    members.filter((member): member is [string, string] => typeof member[1] === 'string'),
  )
}
