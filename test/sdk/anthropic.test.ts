import Anthropic from '@anthropic-ai/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  anthropic,
  anthropicBedrock,
  anthropicVertex,
  anthropicWithToken,
} from '../support/clients.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'
import { BAD_REQUEST_MESSAGE, echo, type ProviderName, usageOf } from '../upstreams/stand-ins.ts'

const PROJECT = 'keyway-tests-1'

let keyway: Keyway
let organization: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  organization = await keyway.organization({ providers: ['anthropic', 'bedrock'] })
  await organization.addProviderKey('google_vertex_ai', { issue: { project: PROJECT } })
})
afterAll(() => keyway[Symbol.asyncDispose]())

const HEARD = 'Grüße aus 東京'
const messages = [{ role: 'user' as const, content: HEARD }]

/** Every way in which an SDK of Anthropic's can reach Claude. */
const WAYS: readonly (readonly [
  name: string,
  provider: ProviderName,
  model: string,
  client: () => Pick<Anthropic, 'messages'>,
])[] = [
  [
    'the native surface',
    'anthropic',
    'claude-sonnet-5-5',
    () => anthropic(`${keyway.url}/native/anthropic`, organization.apiKey),
  ],
  [
    'the native surface, with a token',
    'anthropic',
    'claude-sonnet-5-5',
    () => anthropicWithToken(`${keyway.url}/native/anthropic`, organization.apiKey),
  ],
  [
    'the universal surface',
    'anthropic',
    'claude-sonnet-5-5',
    () => anthropic(keyway.url, organization.apiKey),
  ],
  [
    'the universal surface, to Vertex',
    'google_vertex_ai',
    'google_vertex_ai/claude-sonnet-5-5',
    () => anthropic(keyway.url, organization.apiKey),
  ],
  [
    'the universal surface, to Bedrock',
    'bedrock',
    'bedrock/us.anthropic.claude-sonnet-4-6',
    () => anthropicWithToken(keyway.url, organization.apiKey),
  ],
  [
    // The SDK asks for the newest version of the API, which Bedrock takes for newer models only.
    'the Bedrock SDK',
    'bedrock',
    'us.anthropic.claude-opus-4-8',
    () =>
      anthropicBedrock(`${keyway.url}/native/bedrock`, organization.apiKey) as unknown as Anthropic,
  ],
  ...[
    ['its project named', PROJECT],
    ["the credential's own project", '-'],
  ].map(
    ([which = '', project = '']) =>
      [
        `the Vertex SDK, ${which}`,
        'google_vertex_ai',
        'claude-sonnet-5-5',
        () =>
          anthropicVertex(
            `${keyway.url}/native/google_vertex_ai/v1`,
            organization.apiKey,
            project,
          ) as unknown as Anthropic,
      ] as const,
  ),
]

describe.each(WAYS)('Claude through %s', (_, provider, model, client) => {
  const body = { model, max_tokens: 64, messages }

  test('answers', async () => {
    const { content } = await client().messages.create(body)
    expect(content).toMatchObject([{ type: 'text', text: echo(provider, HEARD) }])
  })

  test('streams', async () => {
    const message = await client().messages.stream(body).finalMessage()
    expect(message.content).toMatchObject([{ type: 'text', text: echo(provider, HEARD) }])
    expect(message.stop_reason).toBe('end_turn')
  })

  test('gives its own error', async () => {
    keyway.standIns.misbehave(provider, { kind: 'bad-request' }, { times: 1 })
    const call = client().messages.create(body)
    await expect(call).rejects.toThrow(BAD_REQUEST_MESSAGE)
    await expect(call).rejects.toBeInstanceOf(Anthropic.BadRequestError)
  })

  test('fails in the stream when it is cut off', async () => {
    keyway.standIns.misbehave(provider, { kind: 'die-midway', afterEvents: 3 }, { times: 1 })
    await expect(client().messages.stream(body).finalMessage()).rejects.toThrow(/before its answer/)
  })
})

describe('counting tokens', () => {
  test.each([
    ['/native/anthropic', 'claude-sonnet-5-5'],
    ['', 'anthropic/claude-sonnet-5-5'],
    ['', 'google_vertex_ai/claude-sonnet-5-5'],
  ])('works through "%s" for %s', async (path, model) => {
    const client = anthropic(keyway.url + path, organization.apiKey)
    const { input_tokens: tokens } = await client.messages.countTokens({ model, messages })
    expect(tokens).toBe(usageOf(HEARD, '').input)
  })
})

describe("Anthropic's errors", () => {
  test('a wrong key is an authentication error with a request id', async () => {
    const client = anthropic(keyway.url, 'kw_wrong')
    const call = client.messages.create({ model: 'claude-sonnet-5-5', max_tokens: 9, messages })
    await expect(call).rejects.toBeInstanceOf(Anthropic.AuthenticationError)
    await expect(call).rejects.toMatchObject({
      error: {
        type: 'error',
        error: { type: 'authentication_error' },
        request_id: expect.stringMatching(/^req_/),
      },
    })
  })

  test('an overloaded provider is 529', async () => {
    keyway.standIns.misbehave('anthropic', { kind: 'overloaded' }, { times: 1 })
    const client = anthropic(keyway.url, organization.apiKey)
    const call = client.messages.create({ model: 'claude-sonnet-5-5', max_tokens: 9, messages })
    await expect(call).rejects.toMatchObject({ status: 529 })
  })
})

describe('what Bedrock asks of a Messages body', () => {
  test('the body keeps every member but those that the host wants otherwise', async () => {
    const client = anthropic(keyway.url, organization.apiKey)
    await client.beta.messages.create({
      model: 'bedrock/us.anthropic.claude-sonnet-4-6',
      max_tokens: 9,
      messages,
      metadata: { user_id: 'u1' },
      betas: ['interleaved-thinking-2025-05-14', 'files-api-2025-04-14'],
    })
    const received = lastRequest(keyway.standIns, 'bedrock')
    expect(received.json).toEqual({
      max_tokens: 9,
      messages,
      metadata: { user_id: 'u1' },
      anthropic_version: 'bedrock-2023-05-31',
      anthropic_beta: ['interleaved-thinking-2025-05-14'],
    })
  })

  test('what was left out is in the warnings', async () => {
    const response = await fetch(`${keyway.url}/v1/messages`, {
      method: 'POST',
      headers: {
        'x-api-key': organization.apiKey,
        'anthropic-beta': 'files-api-2025-04-14',
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        model: 'bedrock/us.anthropic.claude-sonnet-4-6',
        max_tokens: 9,
        messages,
      }),
    })
    expect(response.headers.get('x-keyway-warnings')).toBe(
      'anthropic-beta.files-api-2025-04-14:dropped',
    )
  })
})
