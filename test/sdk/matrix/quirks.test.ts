import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../../support/keyway.ts'
import type { Quirk } from '../../upstreams/quirk.ts'
import type { ProviderName, ScriptedAnswer } from '../../upstreams/stand-ins.ts'
import { anthropic } from './anthropic.ts'
import type { Place } from './caller.ts'
import { HEARD, toolsOfATrip, TRIP_ANSWER, TRIP_CALLS, tripAnswers } from './material.ts'
import { openAiChat } from './openai-chat.ts'
import { openAiResponses } from './openai-responses.ts'
import { WAYS } from './stage.ts'

let keyway: Keyway
let organization: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  organization = await keyway.organization()
})
afterEach(() => keyway.standIns.reset())
afterAll(() => keyway[Symbol.asyncDispose]())

const CALLERS = [openAiChat, openAiResponses, anthropic]
const USAGE = { input: 100, cached: 40, written: 0, output: 7, reasoning: 0 }

/** What providers do now and then, and callers shall not notice. */
const QUIRKS: readonly (readonly [ProviderName, model: string, Quirk])[] = [
  ['anthropic', 'claude-sonnet-5-5', 'second-start'],
  ['anthropic', 'claude-sonnet-5-5', 'late-input-count'],
  ['google_vertex_ai', 'claude-sonnet-5-5', 'second-start'],
  ['bedrock', 'us.anthropic.claude-opus-4-8', 'late-input-count'],
  ['bedrock', 'amazon.nova-lite-v1:0', 'metadata-first'],
  ['mistral', 'mistral-large-4-0', 'array-content'],
  ['openai', 'gpt-4.1', 'calls-by-turns'],
  ['azure', 'my-deployment', 'calls-by-turns'],
  ['deepseek', 'deepseek-v4-pro', 'calls-by-turns'],
  ['xai', 'grok-4.7', 'no-null-finish'],
  ['google_vertex_ai', 'gemini-3.8-flash', 'signed-text'],
]

const placeOf = (provider: ProviderName, model: string, isStreamed: boolean): Place => ({
  url: keyway.url,
  apiKey: organization.apiKey,
  model: `${provider}/${model}`,
  isStreamed,
})

const script = (answer: ScriptedAnswer) => keyway.standIns.script({ answer: () => answer })

describe.each(CALLERS)('$name', (caller) => {
  // Anthropic's own SDK gives up at a second start, which is passed on to it untouched.
  const seen = QUIRKS.filter(
    ([, , quirk]) => caller.format !== 'anthropic-messages' || quirk !== 'second-start',
  )

  describe.each(seen)('%s/%s: %s', (provider, model, quirk) => {
    test.each(WAYS)('a text is as always: %s', async (_, isStreamed) => {
      script({ say: [{ text: ['Grü', 'ße, ', '東京'] }], usage: USAGE, quirks: [quirk] })
      const turns = [{ by: 'user' as const, text: HEARD }]
      const said = await caller.say({ ...placeOf(provider, model, isStreamed), turns })
      expect(said).toMatchObject({ text: 'Grüße, 東京', finish: 'stop' })
      expect(said.usage).toEqual({ input: 100, cached: 40, output: 7 })
    })

    test.each(WAYS)('a trip goes as always: %s', async (_, isStreamed) => {
      const answers = tripAnswers({ thinks: false })
      keyway.standIns.script({ answer: (prompt) => ({ ...answers(prompt), quirks: [quirk] }) })
      const { tools, calls } = toolsOfATrip()
      const place = placeOf(provider, model, isStreamed)
      const said = await caller.work({ ...place, prompt: HEARD, tools, thinks: false })
      expect(calls).toEqual(TRIP_CALLS)
      expect(said.text).toBe(TRIP_ANSWER)
    })
  })

  test.each(WAYS)(
    'a prompt that Gemini blocks is an answer withheld: %s',
    async (_, isStreamed) => {
      script({ say: [{ refusal: 'no' }], quirks: ['prompt-blocked'] })
      const turns = [{ by: 'user' as const, text: HEARD }]
      const place = placeOf('google_vertex_ai', 'gemini-3.8-flash', isStreamed)
      expect(await caller.say({ ...place, turns })).toMatchObject({ text: '', finish: 'refusal' })
    },
  )

  test.each([
    ['anthropic', 'claude-sonnet-5-5'],
    ['openai', 'gpt-4.1'],
    ['openai', 'gpt-5.3-codex'],
    ['bedrock', 'amazon.nova-lite-v1:0'],
    ['google_vertex_ai', 'gemini-3.8-flash'],
  ] as const)('a refusal of %s/%s is one, whole and streamed', async (provider, model) => {
    script({ say: [{ refusal: 'I cannot.' }] })
    const turns = [{ by: 'user' as const, text: HEARD }]
    for (const [, isStreamed] of WAYS) {
      const said = await caller.say({ ...placeOf(provider, model, isStreamed), turns })
      expect(said.finish).toBe('refusal')
    }
    expect(lastRequest(keyway.standIns, provider).status).toBe(200)
  })
})
