import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call } from '../support/call.ts'
import { type Keyway, type Organization, startKeyway } from '../support/keyway.ts'
import type { ProviderName } from '../upstreams/stand-ins.ts'

/** What provider keys make of `GET /v1/models`. */

let keyway: Keyway
beforeAll(async () => {
  keyway = await startKeyway()
})
afterAll(() => keyway[Symbol.asyncDispose]())

async function withKeys(
  provider: ProviderName,
  ...bodies: readonly object[]
): Promise<Organization> {
  const own = await keyway.organization({ providers: [] })
  for (const body of bodies) await own.addProviderKey(provider, { body })
  return own
}

async function listed(own: Organization): Promise<readonly string[]> {
  const { json } = await call(keyway, own, { method: 'GET', path: '/v1/models' })
  return (json as { data: readonly { id: string }[] }).data.map(({ id }) => id)
}

describe('the models that a provider key serves', () => {
  test('are all that are known of its provider, where it is held to none', async () => {
    const models = await listed(await withKeys('openai', {}))
    expect(models).toEqual(expect.arrayContaining(['openai/gpt-5.5', 'openai/gpt-5.4']))
    expect(models.every((model) => model.startsWith('openai/'))).toBe(true)
  })

  test('are none, where it is disabled or for another API key', async () => {
    const own = await withKeys('openai', { disabled: true })
    const other = await keyway.management.post(`/${own.id}/api-keys`, { name: 'Another' })
    await own.addProviderKey('openai', { body: { api_key_ids: [other['id']] } })
    expect(await listed(own)).toEqual([])
    expect(await listed({ ...own, apiKey: String(other['key']) })).toContain('openai/gpt-5.5')
  })

  test.each([
    ['those of its pattern', ['gpt-5.4*'], /^openai\/gpt-5\.4/],
    ['of its pattern with the provider', ['openai/gpt-5.4*'], /^openai\/gpt-5\.4/],
    ['the one that it names, known or not', ['gpt-of-tomorrow'], /^openai\/gpt-of-tomorrow$/],
    ['the same with the provider', ['openai/gpt-of-tomorrow'], /^openai\/gpt-of-tomorrow$/],
  ])('are %s', async (_, patterns, expected) => {
    const models = await listed(await withKeys('openai', { models: patterns }))
    expect(models).not.toEqual([])
    for (const model of models) expect(model).toMatch(expected)
  })

  test('are those of all keys together, but only of the caller’s', async () => {
    const own = await withKeys(
      'openai',
      { models: ['gpt-4.1'] },
      { models: ['gpt-5.5'] },
      { models: ['gpt-5.4'], disabled: true },
    )
    expect((await listed(own)).toSorted()).toEqual(['openai/gpt-4.1', 'openai/gpt-5.5'])
  })

  test('are the models whose deployments Azure’s settings name, as far as it is held to them', async () => {
    const settings = {
      deployments: { 'gpt-5.5': 'our-gpt', 'text-embedding-3-small': 'our-vectors' },
    }
    const [all, held] = [{ settings }, { settings, models: ['gpt-*'] }]
    expect(await listed(await withKeys('azure', all))).toEqual([
      'azure/gpt-5.5',
      'azure/text-embedding-3-small',
    ])
    expect(await listed(await withKeys('azure', held))).toEqual(['azure/gpt-5.5'])
  })
})

test('one model is found by its full name and by its bare one, and no other', async () => {
  const own = await withKeys('openai', { models: ['gpt-5.5', 'of-our-own'] })
  const found = async (id: string) => {
    const { status, json } = await call(keyway, own, { method: 'GET', path: `/v1/models/${id}` })
    return status === 200 ? json : status
  }
  const model = { id: 'openai/gpt-5.5', object: 'model', owned_by: 'openai' }
  expect(await found('openai/gpt-5.5')).toMatchObject(model)
  expect(await found('gpt-5.5')).toMatchObject(model)
  expect(await found('openai/of-our-own')).toMatchObject({ id: 'openai/of-our-own' })
  // What no provider's family is called by is nobody's without the provider.
  for (const id of ['of-our-own', 'gpt-4.1', 'anthropic/gpt-5.5']) expect(await found(id)).toBe(404)
})
