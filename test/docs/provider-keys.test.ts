import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isObject, type JsonObject } from '../../src/core/parse.ts'
import { providerCatalog } from '../../src/providers/catalog.ts'
import type { Provider } from '../../src/providers/provider.ts'
import { providers } from '../../src/providers/registry.ts'
import { newProviderKey } from '../../src/routes/management/schemas/provider-keys.ts'
import { thrownBy } from '../thrown-by.ts'
import { codeIn, pageNamed, tableIn } from './page.ts'

const page = pageNamed('provider-keys.md')
const { names } = providerCatalog
const creation = newProviderKey(names)
const fields = Object.keys(creation.def.shape)
const forms = tableIn(page, '| `provider` | `provider_key` |')
const settings = tableIn(page, '| `provider` | setting |').map(
  ([provider = '', name = '', values]) => ({
    provider: codeIn(provider)[0] ?? '',
    name: codeIn(name)[0] ?? '',
    values: codeIn(values ?? ''),
  }),
)

test('the fields are those that a provider key is made of', () => {
  const told = tableIn(page, '| field |').flatMap(([field = '']) => codeIn(field))
  expect(told.toSorted()).toEqual(fields.toSorted())
})

test('each provider has a row, with the base that it is called at', () => {
  const site = {
    credential: { endpoint: '{endpoint}' },
    settings: {},
    location: '{region}',
  } as unknown as Parameters<Provider['base']>[0]
  const bases = providers.map((provider) => [provider.name, provider.base(site)])
  const told = forms.map(([name = '', , base = '']) => [
    codeIn(name)[0],
    codeIn(base)[0]?.replace('{location}', '{region}'),
  ])
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(bases))
})

describe('settings', () => {
  test.each(providers)('of $name are all there, and no others', ({ name, settings: known }) => {
    const told = settings.filter(({ provider }) => provider === name)
    expect(told.map((setting) => setting.name)).toEqual(Object.keys(known))
  })

  test.each(settings)('$provider takes what is said of $name', ({ provider, name, values }) => {
    expect(values.length).toBeGreaterThan(0)
    for (const text of values) {
      const value: unknown = text.startsWith('{') ? JSON.parse(text) : text
      expect(providerCatalog.parseSettings(provider, { [name]: value })).toEqual({ [name]: value })
    }
    const refusal = thrownBy(() => providerCatalog.parseSettings(provider, { [name]: 'no such' }))
    const [, all] = /must be one of (.*)\.$/.exec((refusal as Error).message) ?? []
    if (all !== undefined) expect(values).toEqual(all.split(', '))
  })
})

describe('an example', () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const blocks = [...page.matchAll(/```json\n([^]*?)```/g)].map(([, text = '']) => text)
  const inShell = /-d '(\{[^]*?\})'/.exec(page)?.[1] ?? ''
  const examples = [inShell, ...blocks].map((text) => creation.parse(JSON.parse(text)))
  const options = { allowLoopbackUpstreams: false, secretNamed: undefined }

  /** With a secret wherever a placeholder stands. */
  function filled(value: unknown): unknown {
    if (isObject(value)) {
      const entries = Object.entries(value)
      return Object.fromEntries(entries.map(([name, member]) => [name, filled(member)]))
    }
    if (typeof value !== 'string' || !value.includes('…')) return value
    return value.includes('PRIVATE KEY') ? privateKey : value.replace('…', '0123456789ABCDEF')
  }

  test('is there for each form of credential', () => {
    const inOneText = codeIn(/\n(`anthropic`.*) are alike:/.exec(page)?.[1] ?? '')
    const shown = new Set([...inOneText, ...examples.map(({ provider }) => provider)])
    expect([...shown].toSorted()).toEqual(names.toSorted())
  })

  test.each(examples)(
    'of $provider is taken when it is filled in, and not before',
    async (body) => {
      const { provider, provider_key: key, settings: given } = body
      await expect(providerCatalog.parseCredential(provider, key, options)).rejects.toThrow(
        /provider_key/,
      )
      const read = await providerCatalog.parseCredential(provider, filled(key), options)
      expect(read.credential.kind).toEqual(expect.any(String))
      expect(providerCatalog.parseSettings(provider, given)).toEqual((given ?? {}) as JsonObject)
    },
  )
})

test('those that callers may bring their own for are named', () => {
  const [, row = ''] = /\{"source": "passthrough"\}` \|(.*)\|/.exec(page) ?? []
  const told = codeIn(row).filter((code) => names.includes(code))
  expect(told.toSorted()).toEqual(
    providers.flatMap(({ name, passthrough }) => (passthrough ? [name] : [])).toSorted(),
  )
})
