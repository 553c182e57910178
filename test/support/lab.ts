import type { PrivateModel } from '../upstreams/private-model.ts'
import type { Keyway, Organization } from './keyway.ts'

/** Gives an organization the endpoint `lab`: a private model by its address and its key. `more` is added to the request. */
export async function addLab(
  { management }: Pick<Keyway, 'management'>,
  { id }: Pick<Organization, 'id'>,
  { baseUrl, apiKey }: PrivateModel,
  more: object = {},
): Promise<void> {
  await management.post(`/${id}/endpoints`, {
    name: 'lab',
    reach: 'url',
    base_url: baseUrl,
    api_key: apiKey,
    models: ['llama-4'],
    default_model: 'llama-4',
    ...more,
  })
}
