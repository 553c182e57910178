import type { AwsCredential, AwsCredentials } from '../core/credentials.ts'
import { signRequest } from './sign-request.ts'
import { CredentialRefused, type UpstreamAuth } from './upstream-auth.ts'

/** The credential for a region: its own, else `global`'s. */
export function credentialForRegion(
  credential: AwsCredentials,
  region: string,
): AwsCredential | undefined {
  const { regions } = credential
  return Object.hasOwn(regions, region) ? regions[region] : regions['global']
}

/**
 * AWS Signature Version 4, or the bearer header where the region's credential is an API key. A request has no
 * other proof then: what a caller that signs itself has sent of one is replaced or, as of a session, taken away.
 */
export function awsSigV4(service: string): UpstreamAuth<AwsCredentials> {
  return {
    signsBody: true,
    async prove(request, credential, place, world) {
      delete request.headers['x-amz-security-token']
      const regional = credentialForRegion(credential, place.location)
      if (regional === undefined) {
        throw new CredentialRefused(403, `no credential for region ${place.location}`)
      }
      if ('apiKey' in regional) {
        request.headers['authorization'] = `Bearer ${regional.apiKey}`
        return
      }
      const scope = { key: regional, service, region: place.location, nowMs: world.nowMs() }
      Object.assign(request.headers, await signRequest(request, scope))
    },
  }
}
