import type { EndpointRecord, SealedProviderKey } from '../replica/records.ts'

/** What holds a credential, sealed: a provider key or a private endpoint. */
export type Sealed =
  | Pick<SealedProviderKey, 'id' | 'sealed'>
  | Pick<EndpointRecord, 'id' | 'base_url' | 'sealed_api_key' | 'sealed_headers'>

/**
 * What a credential's health is known by. One that was replaced is another, under the same id: no two seals are alike.
 * An endpoint that has moved is another, too.
 */
export function credentialName(record: Sealed): string {
  if ('sealed' in record) return `${record.id}/${endOf(record.sealed)}`
  const { id, base_url: url, sealed_api_key: key, sealed_headers: headers } = record
  return [id, endOf(key), endOf(headers), url].join('/')
}

function endOf(seal: string | null): string {
  return seal?.slice(-16) ?? ''
}
