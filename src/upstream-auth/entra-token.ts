import type { EntraApp } from '../core/credentials.ts'
import { exchange, forgetToken, type Mint, tokenFor } from './minted-token.ts'
import { type AuthWorld, CredentialRefused, type OutgoingRequest } from './upstream-auth.ts'

const ENTRA = 'https://login.microsoftonline.com'

/** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#get-a-token */
const clientCredentials: Mint<EntraApp> = {
  name: 'entra',
  identity: ({ tenantId, clientId, clientSecret, scope }) => [
    tenantId,
    clientId,
    clientSecret,
    scope,
  ],
  async mint({ tenantId, clientId, clientSecret, scope }, world) {
    const url = `${world.entraTokenBase ?? ENTRA}/${tenantId}/oauth2/v2.0/token`
    const form = {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope,
    }
    return await exchange({ by: 'Entra', url, form }, world).catch((error: unknown) => {
      if (error instanceof CredentialRefused) throw error
      // Else it would be taken for a failure of the endpoint, which was not asked.
      throw new CredentialRefused(503, 'Entra was not reached')
    })
  },
}

/** An access token of the app's own, kept until shortly before it ends. */
export const entraToken = (app: EntraApp, world: AuthWorld): Promise<string> =>
  tokenFor(app, clientCredentials, world)

/** For when the token on the request was refused. */
export const forgetEntraToken = (
  request: OutgoingRequest,
  app: EntraApp,
  world: AuthWorld,
): Promise<void> => forgetToken(request, [app, clientCredentials], world)
