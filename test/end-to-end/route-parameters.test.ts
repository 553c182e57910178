import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Answer, call } from '../support/call.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'
import { addLab } from '../support/lab.ts'
import { type PrivateModel, startPrivateModel } from '../upstreams/private-model.ts'

/** What a route's target does to fields of a request, beside replacing them. */

let keyway: Keyway
let model: PrivateModel
let own: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  model = await startPrivateModel({ models: ['llama-4'] })
  own = await keyway.organization({ providers: ['openai', 'anthropic', 'google_vertex_ai'] })
  await addLab(keyway, own, model)
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await keyway[Symbol.asyncDispose]()
})
afterEach(() => {
  keyway.standIns.reset({ requests: true })
  model.reset()
})

let made = 0

async function routeTo(...targets: readonly object[]): Promise<string> {
  made += 1
  const name = `route-${made}`
  await keyway.management.post(`/${own.id}/routes`, { name, targets })
  return name
}

const messages = [{ role: 'user' as const, content: 'Hello' }]
const SURFACES = [
  ['/v1/chat/completions', 'max_tokens', { messages }],
  ['/v1/chat/completions', 'max_completion_tokens', { messages }],
  ['/v1/messages', 'max_tokens', { messages }],
  ['/v1/responses', 'max_output_tokens', { input: 'Hello' }],
] as const

const ask = (path: string, body: object): Promise<Answer> => call(keyway, own, { path, body })

test.each(SURFACES)(
  'an answer is no longer than a target allows, and that is told: %s %s',
  async (path, field, body) => {
    const parameters = { max: { max_tokens: 64 } }
    const lengthAt = {
      openai: ({ max_tokens, max_completion_tokens, max_output_tokens }: Limits) =>
        max_tokens ?? max_completion_tokens ?? max_output_tokens,
      anthropic: ({ max_tokens }: Limits) => max_tokens,
      google_vertex_ai: ({ generationConfig }: Limits) => generationConfig?.maxOutputTokens,
    }
    for (const [name, provider] of [
      ['openai/gpt-4.1', 'openai'],
      ['anthropic/claude-sonnet-5-5', 'anthropic'],
      ['google_vertex_ai/gemini-3.8-flash', 'google_vertex_ai'],
    ] as const) {
      const route = await routeTo({ model: name, parameters })
      for (const [asked, sent, warned] of [
        [5000, 64, true],
        [32, 32, false],
      ] as const) {
        const answer = await ask(path, { ...body, model: route, [field]: asked })
        expect(answer.status, answer.text).toBe(200)
        const { json } = lastRequest(keyway.standIns, provider)
        expect(lengthAt[provider](json as Limits), name).toBe(sent)
        const warnings = answer.headers.get('x-keyway-warnings') ?? ''
        expect(warnings.includes(`${field}:lowered`), warnings).toBe(warned)
      }
    }
  },
)

interface Limits {
  readonly max_tokens?: number
  readonly max_completion_tokens?: number
  readonly max_output_tokens?: number
  readonly generationConfig?: { readonly maxOutputTokens?: number }
}

test.each(SURFACES)(
  'a field has the name that the target’s server gives it: %s %s',
  async (path, field, body) => {
    const parameters = {
      max: { max_tokens: 64 },
      rename: { max_tokens: 'max_new_tokens', top_p: 'nucleus' },
    }
    const route = await routeTo({ model: 'byom/lab', parameters })
    const answer = await ask(path, { ...body, model: route, [field]: 5000, top_p: 0.5 })
    expect(answer.status, answer.text).toBe(200)
    const { json } = model.requests.at(-1) ?? {}
    expect(json).toMatchObject({ model: 'llama-4', max_new_tokens: 64, nucleus: 0.5 })
    for (const old of ['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'top_p']) {
      expect(json).not.toHaveProperty(old)
    }
  },
)

test('what goes as it came keeps every other byte', async () => {
  const parameters = { max: { temperature: 1 }, rename: { max_tokens: 'max_completion_tokens' } }
  const route = await routeTo({ model: 'openai/gpt-4.1', parameters })
  const body = `{"model":"${route}", "max_tokens" : 10,"temperature": 1.5, "top_p":0.50,"messages":[{"role":"user","content":"\\u0048i"}]}`
  const answer = await call(keyway, own, { path: '/v1/chat/completions', body })
  expect(answer.status, answer.text).toBe(200)
  const { body: sent } = lastRequest(keyway.standIns, 'openai')
  expect(sent).toBe(
    '{"model":"gpt-4.1", "max_completion_tokens":10,"temperature": 1, "top_p":0.50,"messages":[{"role":"user","content":"\\u0048i"}]}',
  )
})

test('of one target they do not touch the next, which does not tell of them either', async () => {
  const parameters = { max: { max_tokens: 8 }, rename: { max_tokens: 'length' } }
  const route = await routeTo({ model: 'openai/gpt-4.1', parameters }, { model: 'byom/lab' })
  keyway.standIns.misbehave('openai', { kind: 'overloaded' }, { times: 1 })
  const answer = await ask('/v1/chat/completions', { model: route, messages, max_tokens: 5000 })
  expect(answer.status, answer.text).toBe(200)
  expect(answer.headers.get('x-keyway-warnings')).toBeNull()
  const { json } = model.requests.at(-1) ?? {}
  expect(json).toMatchObject({ max_tokens: 5000 })
  expect(json).not.toHaveProperty('length')
})
