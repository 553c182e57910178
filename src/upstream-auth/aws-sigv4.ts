import { AwsV4Signer } from 'aws4fetch'
import type { AwsCredential, AwsCredentials, AwsSigningKey } from '../core/credentials.ts'
import { CredentialRefused, type OutgoingRequest, type UpstreamAuth } from './upstream-auth.ts'

/** Signing keys by secret, day, region and service, so that four of the five HMACs are done once a day. */
const signingKeys = new Map<string, ArrayBuffer>()
const MAX_SIGNING_KEYS = 500

/** The credential for a region: its own, else `global`'s. */
export function credentialForRegion(
  credential: AwsCredentials,
  region: string,
): AwsCredential | undefined {
  const { regions } = credential
  return Object.hasOwn(regions, region) ? regions[region] : regions['global']
}

/**
 * AWS Signature Version 4, or the bearer header where the region's credential is an API key.
 * The service is always said: the signer would guess it from the host, wrongly.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function awsSigV4(service: string): UpstreamAuth<AwsCredentials> {
  return {
    signsBody: true,
    async prove(request, credential, place, world) {
      const regional = credentialForRegion(credential, place.location)
      if (regional === undefined) {
        throw new CredentialRefused(403, `no credential for region ${place.location}`)
      }
      if ('apiKey' in regional) {
        request.headers['authorization'] = `Bearer ${regional.apiKey}`
        return
      }
      await sign(request, regional, { service, region: place.location, nowMs: world.nowMs() })
    },
  }
}

async function sign(
  request: OutgoingRequest,
  key: AwsSigningKey,
  scope: { readonly service: string; readonly region: string; readonly nowMs: number },
): Promise<void> {
  if (signingKeys.size > MAX_SIGNING_KEYS) signingKeys.clear()
  // Only the host and x-amz-* are signed: whatever else is on the request may be changed on its way.
  const signer = new AwsV4Signer({
    method: request.method,
    url: request.url,
    body: request.body,
    accessKeyId: key.accessKeyId,
    secretAccessKey: key.secretAccessKey,
    ...(key.sessionToken === undefined ? {} : { sessionToken: key.sessionToken }),
    service: scope.service,
    region: scope.region,
    datetime: new Date(scope.nowMs).toISOString().replaceAll(/[:-]|\.\d{3}/g, ''),
    cache: signingKeys,
  })
  const signed = await signer.sign()
  for (const [name, value] of signed.headers) request.headers[name] = value
}
