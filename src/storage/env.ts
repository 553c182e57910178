import { GatewayError } from '../core/errors.ts'
import { isObject, tryParseJson } from '../core/parse.ts'
import type { ConnectorObject } from '../tunnel/connector-object.ts'
import { type AccessSettings, readAccessSettings } from './access-settings.ts'
import type { DirectoryObject } from './organization/directory-object.ts'
import type { OrganizationObject } from './organization/organization-object.ts'
import { type MasterKeys, parseMasterKeys } from './sealed/master-keys.ts'

/** What the platform hands the Worker: bindings, and settings that are still text. */
export interface Env {
  readonly KEYWAY: KVNamespace
  readonly ORGANIZATION: DurableObjectNamespace<OrganizationObject>
  readonly DIRECTORY: DurableObjectNamespace<DirectoryObject>
  readonly CONNECTOR: DurableObjectNamespace<ConnectorObject>
  readonly ADMIN_TOKEN?: string
  readonly MASTER_KEYS?: string
  readonly PROVIDER_BASE_URLS?: string
  readonly ALLOW_LOOPBACK_UPSTREAMS?: string
  readonly ALLOWED_ENDPOINT_PORTS?: string
  readonly CREDENTIAL_CACHE_SECONDS?: string
  readonly LOG_REQUESTS?: string
  /** A data set of Analytics Engine; nothing is written where it is not bound. */
  readonly USAGE?: AnalyticsEngineDataset
  readonly ACCESS_TEAM_DOMAIN?: string
  readonly ACCESS_AUD?: string
  readonly ACCESS_ROLES?: string
}

/** The settings of this deployment, checked. */
export interface Settings {
  readonly adminToken: string
  readonly masterKeys: MasterKeys
  /** Provider name to the base URL that replaces the built-in one; no slash at the end. */
  readonly providerBaseUrls: Readonly<Record<string, string>>
  readonly allowLoopbackUpstreams: boolean
  /** Ports beside 443 that the address of a private endpoint may name. */
  readonly allowedEndpointPorts: readonly number[]
  /** 0 turns the isolate's cache off. */
  readonly credentialCacheSeconds: number
  /** Whether each request is a line of the log. */
  readonly logRequests: boolean
  /** How people come in through Cloudflare Access; undefined where they do not. */
  readonly access: AccessSettings | undefined
}

const MAX_CACHE_SECONDS = 3600
const MAX_PORT = 65_535

const settingsOf = new WeakMap<Env, Settings>()

/** The settings, parsed once for each `env`; a setting that is missing or malformed is named, and its value is not. */
export function readSettings(env: Env): Settings {
  const known = settingsOf.get(env)
  if (known) return known
  const allowLoopbackUpstreams = readSwitch(env, 'ALLOW_LOOPBACK_UPSTREAMS')
  const settings: Settings = {
    adminToken: readAdminToken(env),
    masterKeys: parseMasterKeys(env.MASTER_KEYS),
    providerBaseUrls: readBaseUrls(env, allowLoopbackUpstreams),
    allowLoopbackUpstreams,
    allowedEndpointPorts: readPorts(env),
    credentialCacheSeconds: readCacheSeconds(env),
    logRequests: readSwitch(env, 'LOG_REQUESTS'),
    access: readAccessSettings(env),
  }
  settingsOf.set(env, settings)
  return settings
}

function misconfigured(message: string): GatewayError {
  return new GatewayError('misconfigured', message)
}

/** A token that no `Authorization` header can carry would lock everyone out without a word. */
function readAdminToken({ ADMIN_TOKEN: token }: Env): string {
  if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return token
  throw misconfigured(
    'ADMIN_TOKEN must be set: one word of printable ASCII characters. "npx keyway init" makes one.',
  )
}

function readSwitch(env: Env, name: 'ALLOW_LOOPBACK_UPSTREAMS' | 'LOG_REQUESTS'): boolean {
  const { [name]: text = 'false' } = env
  if (text === 'true' || text === 'false') return text === 'true'
  throw misconfigured(`${name} must be "true" or "false".`)
}

function readPorts({ ALLOWED_ENDPOINT_PORTS: text = '' }: Env): readonly number[] {
  const parts = typeof text === 'string' ? text.split(',').map((part) => part.trim()) : ['none']
  if (parts.length === 1 && parts[0] === '') return []
  const ports = parts.map((part) => (/^[1-9]\d{0,4}$/.test(part) ? Number(part) : Infinity))
  if (ports.every((port) => port <= MAX_PORT)) return ports
  throw misconfigured(
    `ALLOWED_ENDPOINT_PORTS must be port numbers from 1 to ${MAX_PORT}, separated by commas.`,
  )
}

function readCacheSeconds({ CREDENTIAL_CACHE_SECONDS: text = '30' }: Env): number {
  const seconds = typeof text === 'string' && /^\d{1,4}$/.test(text) ? Number(text) : Infinity
  if (seconds <= MAX_CACHE_SECONDS) return seconds
  throw misconfigured(
    `CREDENTIAL_CACHE_SECONDS must be a whole number of seconds from 0 to ${MAX_CACHE_SECONDS}.`,
  )
}

function readBaseUrls(
  { PROVIDER_BASE_URLS: text = '{}' }: Env,
  allowLoopback: boolean,
): Record<string, string> {
  const urls = typeof text === 'string' ? tryParseJson(text) : undefined
  if (!isObject(urls)) {
    throw misconfigured(
      'PROVIDER_BASE_URLS must be a JSON object from provider names to base URLs.',
    )
  }
  return Object.fromEntries(
    Object.entries(urls).map(([name, url]) => [name, checkedBaseUrl(name, url, allowLoopback)]),
  )
}

function checkedBaseUrl(name: string, value: unknown, allowLoopback: boolean): string {
  const subject = `PROVIDER_BASE_URLS: the value for ${JSON.stringify(name.slice(0, 64))}`
  // Placeholders stand for one host label or path segment, so any letter shows whether the rest is a URL.
  const sample = typeof value === 'string' ? value.replaceAll(/\{(region|location)\}/g, 'x') : ''
  if (typeof value !== 'string' || /[{}]/.test(sample) || !URL.canParse(sample)) {
    throw misconfigured(
      `${subject} must be an absolute URL, with no placeholders but {region} and {location}.`,
    )
  }
  const url = new URL(sample)
  if (url.protocol !== 'https:' && !(allowLoopback && url.protocol === 'http:')) {
    throw misconfigured(
      `${subject} must be https. It may be http where ALLOW_LOOPBACK_UPSTREAMS is "true".`,
    )
  }
  if (url.username !== '' || url.password !== '' || /[?#]/.test(value)) {
    throw misconfigured(`${subject} must have no user name, password, query or fragment.`)
  }
  return value.replace(/\/+$/, '')
}
