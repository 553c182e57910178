import { type PrivateModel, startPrivateModel } from '../test/upstreams/private-model.ts'
import type { ManagementClient } from './management-client.ts'

/** The demo organization's own model servers, as callers name them. */
export const privateNames = ['byom/lab', 'byom/hosted'] as const
export type PrivateName = (typeof privateNames)[number]

/** Two model servers of an organization: one that only a connector reaches, one with an address behind a login. */
export interface DemoPrivateModels extends AsyncDisposable {
  readonly models: Readonly<Record<PrivateName, PrivateModel>>
  readonly endpointIds: ReadonlyMap<PrivateName, string>
  /** What a connector of `byom/lab` dials in with. */
  readonly connectorToken: string
}

/** What Cloudflare Access wants of programs that come to what it guards. */
const ACCESS = {
  'cf-access-client-id': 'demo.access',
  'cf-access-client-secret': 'demo-service-token',
}

/** Starts both, and makes them endpoints of the organization. */
export async function seedPrivateModels(
  management: ManagementClient,
  organizationId: string,
): Promise<DemoPrivateModels> {
  const lab = await startPrivateModel()
  const hosted = await startPrivateModel({ headers: ACCESS })
  const path = `/${organizationId}/endpoints`
  const { id: labId } = await management.post(path, {
    name: 'lab',
    reach: 'connector',
    models: ['llama-4'],
  })
  const { id: hostedId } = await management.post(path, {
    name: 'hosted',
    reach: 'url',
    base_url: hosted.baseUrl,
    api_key: hosted.apiKey,
    headers: ACCESS,
    models: ['llama-4'],
  })
  const { token } = await management.post(`${path}/${String(labId)}/connector-token`, {})
  return {
    models: { 'byom/lab': lab, 'byom/hosted': hosted },
    endpointIds: new Map([
      ['byom/lab', String(labId)],
      ['byom/hosted', String(hostedId)],
    ]),
    connectorToken: String(token),
    async [Symbol.asyncDispose]() {
      await lab[Symbol.asyncDispose]()
      await hosted[Symbol.asyncDispose]()
    },
  }
}
