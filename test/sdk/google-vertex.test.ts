import { ApiError } from '@google/genai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { googleGenAi, googleGenAiWithKey } from '../support/clients.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'
import { BAD_REQUEST_MESSAGE, echo, usageOf } from '../upstreams/stand-ins.ts'

const PROJECT = 'keyway-tests-1'
const HEARD = 'Grüße aus 東京'
const body = { model: 'gemini-3.8-flash', contents: HEARD }

let keyway: Keyway
beforeAll(async () => {
  keyway = await startKeyway()
})
afterAll(() => keyway[Symbol.asyncDispose]())

describe.each([
  ['an exchanged token', {}, /OAuth|exchange/i],
  ['a token that it signs itself', { settings: { token: 'self_signed' } }, /self-signed/i],
])('@google/genai, with Keyway proving itself by %s', (_, create, proof) => {
  let organization: Organization
  beforeAll(async () => {
    organization = await keyway.organization({ providers: [] })
    await organization.addProviderKey('google_vertex_ai', {
      issue: { project: PROJECT },
      body: create,
    })
  })

  describe.each([
    ['an access token', (url: string, key: string) => googleGenAi(url, key, PROJECT)],
    ['an API key', (url: string, key: string) => googleGenAiWithKey(url, key)],
  ])('and the client with %s', (__, make) => {
    const models = () => make(`${keyway.url}/native/google_vertex_ai`, organization.apiKey).models

    test('generates', async () => {
      expect((await models().generateContent(body)).text).toBe(echo('google_vertex_ai', HEARD))
      expect(lastRequest(keyway.standIns, 'google_vertex_ai').proof).toMatch(proof)
    })

    test('streams', async () => {
      let text = ''
      for await (const chunk of await models().generateContentStream(body)) text += chunk.text ?? ''
      expect(text).toBe(echo('google_vertex_ai', HEARD))
    })

    test('counts tokens', async () => {
      expect((await models().countTokens(body)).totalTokens).toBe(usageOf(HEARD, '').input)
    })

    test("gets Google's own error", async () => {
      keyway.standIns.misbehave('google_vertex_ai', { kind: 'bad-request' }, { times: 1 })
      const call = models().generateContent(body)
      await expect(call).rejects.toThrow(BAD_REQUEST_MESSAGE)
      await expect(call).rejects.toBeInstanceOf(ApiError)
    })

    test('fails in the stream when it is cut off', async () => {
      const fault = { kind: 'die-midway', afterEvents: 2 } as const
      keyway.standIns.misbehave('google_vertex_ai', fault, { times: 1 })
      const read = async (): Promise<void> => {
        for await (const chunk of await models().generateContentStream(body)) void chunk
      }
      await expect(read()).rejects.toThrow()
    })
  })
})

test('one exchange serves many requests, also when they come at once', async () => {
  const organization = await keyway.organization({ providers: [] })
  await organization.addProviderKey('google_vertex_ai', { issue: { project: PROJECT } })
  const before = keyway.standIns.tokenExchanges
  const { models } = googleGenAi(
    `${keyway.url}/native/google_vertex_ai`,
    organization.apiKey,
    PROJECT,
  )
  await Promise.all(Array.from({ length: 20 }, () => models.generateContent(body)))
  await models.generateContent(body)
  expect(keyway.standIns.tokenExchanges - before).toBe(1)
})

test("a path that names another project than the credential's own goes nowhere", async () => {
  const organization = await keyway.organization({ providers: [] })
  await organization.addProviderKey('google_vertex_ai', { issue: { project: PROJECT } })
  const before = keyway.standIns.requests.length
  const { models } = googleGenAi(
    `${keyway.url}/native/google_vertex_ai`,
    organization.apiKey,
    'somebody-elses-1',
  )
  await expect(models.generateContent(body)).rejects.toMatchObject({ status: 400 })
  expect(keyway.standIns.requests.length).toBe(before)
})
