import { expect, test } from 'vitest'
import { newTrace } from '../../../src/gateway/record/trace.ts'
import { bindTargets } from '../../../src/gateway/target/target.ts'
import { findProvider } from '../../../src/providers/registry.ts'
import { worldWith } from '../dependencies.ts'
import { keyOf } from './sealed-key.ts'

const bedrock = findProvider('bedrock') ?? expect.fail()

/** What comes of a key that has a credential for one region alone. */
async function refusalAt(asked: { location: string | undefined; isRoutesLocation?: boolean }) {
  const deps = worldWith({
    openCredential: () =>
      Promise.resolve({ kind: 'aws', regions: { 'eu-west-1': { apiKey: 'canary' } } }),
  })
  const keys = [keyOf('pk_1', { settings: { default_region: 'us-west-2' } })]
  const choice = { organizationId: 'org_1', provider: bedrock, keys, callerKeys: undefined }
  const targets = bindTargets({ ...choice, ...asked, model: undefined }, deps, newTrace('req_1'))
  return await targets.next().catch((thrown: unknown) => thrown)
}

test.each([
  [{ location: 'ap-south-1' }, 'the region ap-south-1', { param: 'x-keyway-region' }],
  [{ location: 'ap-south-1', isRoutesLocation: true }, "the route's region ap-south-1", {}],
  [{ location: undefined }, 'the region us-west-2', {}],
])(
  'a region without a credential is the fault of whoever names it: %j',
  async (asked, said, by) => {
    const error = await refusalAt(asked)
    expect(error).toMatchObject({ code: 'no_provider_key' })
    expect(String(error)).toContain(said)
    expect(error).toHaveProperty('details', by)
  },
)
