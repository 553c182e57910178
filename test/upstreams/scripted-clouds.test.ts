import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ProviderName, ScriptedAnswer } from './stand-ins.ts'
import { streamedEvents, streamedFrames, wholeAnswer } from './test-answers.ts'
import { startPosting, type Posting } from './test-posts.ts'

let posting: Posting
beforeAll(async () => {
  posting = await startPosting()
})
afterEach(() => posting.standIns.reset())
afterAll(() => posting[Symbol.asyncDispose]())

const say = (answer: ScriptedAnswer) => posting.standIns.script({ answer: () => answer })
const whole = (provider: ProviderName, body: object, path?: string) =>
  wholeAnswer(posting, provider, body, path)
const events = (provider: ProviderName, body: object, path?: string) =>
  streamedEvents(posting, provider, body, path)

const frames = (path: string, body: object) => streamedFrames(posting, path, body)

const PARALLEL: ScriptedAnswer = {
  say: [{ text: ['Let me ', 'look.'] }, { call: 'a', arguments: ['{"x"', ':1}'] }, { call: 'b' }],
}

describe('converse', () => {
  const body = { messages: [{ role: 'user', content: [{ text: 'hello' }] }] }
  const path = 'amazon.nova-lite-v1%3A0/converse-stream'

  test('numbers blocks, and gives calls a start', async () => {
    say({ ...PARALLEL, quirks: ['metadata-first'] })
    const sent = await frames(path, body)
    const start = (name: string) => ({ toolUse: { name, toolUseId: expect.any(String) as string } })
    expect(sent.slice(1, -2)).toEqual([
      ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Let me ' } }],
      ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'look.' } }],
      ['contentBlockStop', { contentBlockIndex: 0 }],
      ['contentBlockStart', { contentBlockIndex: 1, start: start('a') }],
      ['contentBlockDelta', { contentBlockIndex: 1, delta: { toolUse: { input: '{"x"' } } }],
      ['contentBlockDelta', { contentBlockIndex: 1, delta: { toolUse: { input: ':1}' } } }],
      ['contentBlockStop', { contentBlockIndex: 1 }],
      ['contentBlockStart', { contentBlockIndex: 2, start: start('b') }],
      ['contentBlockStop', { contentBlockIndex: 2 }],
    ])
    expect(sent.slice(-2).map(([type]) => type)).toEqual(['metadata', 'messageStop'])
  })

  test('signs the thinking of Claude, and of nobody else', async () => {
    say({ say: [{ reasoning: 'hm' }, { text: 'a' }] })
    const content = async (model: string) =>
      JSON.stringify((await frames(`${model}/converse-stream`, body)).map(([, event]) => event))
    expect(await content('anthropic.claude-opus-4-8')).toContain('"signature"')
    expect(await content('amazon.nova-lite-v1%3A0')).not.toContain('"signature"')
  })
})

describe('gemini', () => {
  const body = { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] }
  const path = 'google/models/gemini-3.8-flash:generateContent'
  const streamed = 'google/models/gemini-3.8-flash:streamGenerateContent?alt=sse'

  test('signs the first of parallel calls, and ends in a text that may be signed', async () => {
    say({ ...PARALLEL, quirks: ['signed-text'] })
    const parts = [
      { text: 'Let me look.' },
      {
        functionCall: { name: 'a', args: { x: 1 } },
        thoughtSignature: expect.any(String) as string,
      },
      { functionCall: { name: 'b', args: {} } },
      { text: '', thoughtSignature: expect.any(String) as string },
    ]
    expect(await whole('google_vertex_ai', body, path)).toMatchObject({
      candidates: [{ content: { parts }, finishReason: 'STOP' }],
    })
    const sent = await events('google_vertex_ai', body, streamed)
    expect(sent.map(({ candidates }) => candidates).at(-1)).toMatchObject([
      { content: { parts: [{ text: '' }] }, finishReason: 'STOP' },
    ])
  })

  test('leaves out a call that was cut off; refuses with no word, or the prompt itself', async () => {
    say({ say: [{ text: 'a' }, { call: 'a', arguments: '{"x":' }], finish: 'length' })
    expect(await whole('google_vertex_ai', body, path)).toMatchObject({
      candidates: [{ content: { parts: [{ text: 'a' }] }, finishReason: 'MAX_TOKENS' }],
    })
    say({ say: [{ refusal: 'no' }] })
    expect(await whole('google_vertex_ai', body, path)).toMatchObject({
      candidates: [{ finishReason: 'SAFETY' }],
    })
    say({ say: [{ refusal: 'no' }], quirks: ['prompt-blocked'] })
    const answer = await whole('google_vertex_ai', body, path)
    expect(answer).toMatchObject({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } })
    expect(answer).not.toHaveProperty('candidates')
  })
})
