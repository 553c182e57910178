import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anthropic } from '../../support/clients.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../../support/keyway.ts'
import { usageOf } from '../../upstreams/stand-ins.ts'
import { messagesOf } from './anthropic.ts'
import { HEARD, LONG, PICTURE, toolsOfATrip } from './material.ts'
import { UPSTREAMS } from './upstreams.ts'

let keyway: Keyway
let organization: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  organization = await keyway.organization()
})
afterAll(() => keyway[Symbol.asyncDispose]())

const tools = toolsOfATrip().tools.map(({ name, description, parameters }) => ({
  name,
  description,
  input_schema: { ...parameters },
}))
const messages = messagesOf([...LONG.slice(0, -1), { by: 'user', text: HEARD, image: PICTURE }])

/** Where each provider counts. */
const PATHS: Readonly<Record<string, RegExp>> = {
  'openai chat': /\/responses\/input_tokens$/,
  'openai responses': /\/responses\/input_tokens$/,
  anthropic: /\/v1\/messages\/count_tokens$/,
  'claude on vertex': /\/models\/count-tokens:rawPredict$/,
  'claude on bedrock': /\/model\/anthropic[^/]+\/count-tokens$/,
  'nova through converse': /\/model\/amazon[^/]+\/count-tokens$/,
  gemini: /:countTokens$/,
}

describe.each(UPSTREAMS)('counting tokens for $name', ({ name, provider, model, seeing }) => {
  test('gives the count of the provider, or one that is said to be an estimate', async () => {
    const before = keyway.standIns.requests.length
    const client = anthropic(keyway.url, organization.apiKey)
    const body = { model: seeing ?? model, system: 'Be brief.', messages, tools }
    const { data, response } = await client.messages.countTokens(body).withResponse()
    const path = PATHS[name]
    if (path === undefined) {
      expect(data.input_tokens).toBeGreaterThan(usageOf(HEARD, '').input)
      expect(response.headers.get('x-keyway-warnings')).toContain('input_tokens:estimated')
      expect(keyway.standIns.requests.length).toBe(before)
      return
    }
    const received = lastRequest(keyway.standIns, provider)
    expect([received.status, received.path.split('?')[0]]).toEqual([
      200,
      expect.stringMatching(path),
    ])
    expect(data.input_tokens).toBe(usageOf(HEARD, '').input)
    expect(response.headers.get('x-keyway-warnings') ?? '').not.toContain('estimated')
  })
})
