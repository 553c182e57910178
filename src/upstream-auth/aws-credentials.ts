import type { AwsCredential, AwsCredentials } from '../core/credentials.ts'
import { invalidRequest } from '../core/errors.ts'
import {
  isObject,
  type JsonObject,
  optionalString,
  refuseUnknownMembers,
  requireString,
} from '../core/parse.ts'
import { jsonCredential } from './json-credential.ts'
import { headerSafeKey } from './static-key.ts'
import type { CredentialFormat } from './upstream-auth.ts'

/** What a region's name looks like, in every partition of AWS. It becomes part of a host name. */
export const AWS_REGION = /^[a-z]{2,8}(?:-[a-z0-9]+)+-\d{1,2}$/

const ACCESS_KEY_ID = /^\w{4,128}$/

/** `{"global"?: C, "<region>"?: C, …}` with C one of an access key (with or without session token) and an API key. */
export const awsFormat: CredentialFormat<AwsCredentials> = {
  kind: 'aws',
  parse(value) {
    const object = jsonCredential(
      value,
      '{"us-east-1":{"access_key_id":"…","secret_access_key":"…"}}',
    )
    const regions: Record<string, AwsCredential> = {}
    for (const [region, credential] of Object.entries(object)) {
      if (region !== 'global' && !AWS_REGION.test(region)) {
        throw invalidRequest(
          'provider_key has a member that is neither "global" nor an AWS region such as us-east-1.',
          'provider_key',
        )
      }
      regions[region] = parseRegion(credential, `provider_key.${region}`)
    }
    if (Object.keys(regions).length === 0) {
      throw invalidRequest(
        'provider_key must hold a credential for "global" or for at least one region.',
        'provider_key',
      )
    }
    return { kind: 'aws', regions }
  },
  secretOf(credential) {
    const first = Object.values(credential.regions)[0]
    if (first === undefined) return ''
    return 'apiKey' in first ? first.apiKey : first.secretAccessKey
  },
}

/** A Bedrock API key as the credential for every region; one that is made for a region is refused elsewhere by AWS. */
export const awsBearerCredential = (apiKey: string): AwsCredentials => ({
  kind: 'aws',
  regions: { global: { apiKey } },
})

function parseRegion(value: unknown, path: string): AwsCredential {
  if (!isObject(value)) throw invalidRequest(`${path} must be an object.`, path)
  return Object.hasOwn(value, 'api_key') ? parseApiKey(value, path) : parseAccessKey(value, path)
}

function parseApiKey(value: JsonObject, path: string): AwsCredential {
  refuseUnknownMembers(value, ['api_key'], path)
  return { apiKey: headerSafeKey(requireString(value, 'api_key', path), `${path}.api_key`) }
}

function parseAccessKey(value: JsonObject, path: string): AwsCredential {
  refuseUnknownMembers(value, ['access_key_id', 'secret_access_key', 'session_token'], path)
  const accessKeyId = requireString(value, 'access_key_id', path).trim()
  if (!ACCESS_KEY_ID.test(accessKeyId)) {
    const param = `${path}.access_key_id`
    throw invalidRequest(`${param} must be the letters and digits that AWS gives.`, param)
  }
  const secret = requireString(value, 'secret_access_key', path)
  const secretAccessKey = headerSafeKey(secret, `${path}.secret_access_key`)
  const session = optionalString(value, 'session_token', path)
  if (session === undefined) return { accessKeyId, secretAccessKey }
  const sessionToken = headerSafeKey(session, `${path}.session_token`)
  return { accessKeyId, secretAccessKey, sessionToken }
}
