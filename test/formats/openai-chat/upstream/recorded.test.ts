import { describe, expect, test } from 'vitest'
import { adaptAnswer } from '../../../../src/formats/openai-chat/flavour.ts'
import type { ChatProfile } from '../../../../src/formats/openai-chat/profile.ts'
import { deepseekChatProfile } from '../../../../src/providers/models/deepseek.ts'
import { mistralChatProfile } from '../../../../src/providers/models/mistral.ts'
import { azureChatProfile, openAiChatProfile } from '../../../../src/providers/models/openai.ts'
import { xaiChatProfile } from '../../../../src/providers/models/xai.ts'
import { eventsIn, hasRecordedAnswers, recordedAnswers } from '../../recorded-answers.ts'
import { adaptedChunks, assembled, chunk, decode, events, type Wire } from './support.ts'

/** Answers that providers gave, named by who did. */
const { streams, wholes, read } = recordedAnswers('openai-chat')

const PROFILES: Readonly<Record<string, (model: string) => ChatProfile>> = {
  azure: azureChatProfile,
  deepseek: deepseekChatProfile,
  mistral: mistralChatProfile,
  openai: openAiChatProfile,
  xai: xaiChatProfile,
}

/** The chunks of a stream, and the last of them. */
function chunksOf(name: string): { readonly chunks: readonly Wire[]; readonly last: Wire } {
  const chunks = eventsIn(read(name)).map((event): Wire => JSON.parse(event))
  const last = chunks.at(-1)
  if (last === undefined) throw new Error(`${name} is empty`)
  return { chunks, last }
}

const profileOf = (name: string, model: string): ChatProfile => {
  const profile = PROFILES[name.split('-')[0] ?? '']
  if (profile === undefined) throw new Error(`nobody knows the host of ${name}`)
  return profile(model)
}

/** What a message holds, without knowing anything of the code that is tested. */
const textIn = (value: unknown, member: string): string =>
  JSON.stringify(value)
    .match(new RegExp(`"${member}":"((?:[^"\\\\]|\\\\.)*)"`, 'g'))
    ?.map((found) => JSON.parse(`{${found}}`)[member])
    .join('') ?? ''

describe.skipIf(!hasRecordedAnswers)('recorded answers', () => {
  test('there are some', () => {
    expect(streams.length).toBeGreaterThan(0)
    expect(wholes.length).toBeGreaterThan(0)
  })

  test.each(streams)('%s is read', (name) => {
    const { chunks, last } = chunksOf(name)
    const profile = profileOf(name, last.model)
    const seen = events(chunks, { profile })
    const answer = assembled(seen)
    const deltas = chunks.map(({ choices }) => choices[0]?.delta)
    expect(answer?.model).toBe(last.model)
    expect(answer?.id).toBe(last.id)
    const all = (kind: string) =>
      answer?.content
        .flatMap((part) =>
          part.kind !== kind ? [] : part.kind === 'tool-call' ? [part.arguments] : [part.text],
        )
        .join('')
    expect(all('text')).toBe(textIn(deltas, 'content'))
    expect(all('reasoning')).toBe(textIn(deltas, 'reasoning_content'))
    expect(all('tool-call')).toBe(textIn(deltas, 'arguments'))
    expect(answer?.usage?.outputTokens).toBeGreaterThan(0)
    expect(answer?.finish.reason).toBe(
      name.includes('tool')
        ? 'tool-calls'
        : chunks.some(({ choices }) => choices[0]?.finish_reason === 'length')
          ? 'length'
          : 'stop',
    )
  })

  test.each(wholes)('%s is the same, streamed', (name) => {
    const body = JSON.parse(read(name))
    const profile = profileOf(name, body.model)
    const { message, finish_reason } = body.choices[0]
    const { id, model, usage } = body
    const streamed = events(
      [chunk(message, undefined, { id, model }), chunk({}, finish_reason, { id, model, usage })],
      { profile },
    )
    const { serviceTier: _, ...whole } = decode(body, { profile })
    expect(assembled(streamed)).toEqual(whole)
    expect(whole.usage?.inputTokens).toBe(usage.prompt_tokens)
    expect(whole.usage?.outputTokens).toBe(usage.total_tokens - usage.prompt_tokens)
  })

  test.each(wholes)('%s means the same after it was brought into shape', (name) => {
    const body = JSON.parse(read(name))
    const profile = profileOf(name, body.model)
    const adapted = adaptAnswer(body, { profile, body: {}, requestId: 'r', createdSeconds: 1 })
    expect(decode(adapted)).toEqual(decode(body, { profile }))
  })

  test.each(streams)('%s means the same after it was brought into shape', (name) => {
    const { chunks, last } = chunksOf(name)
    const profile = profileOf(name, last.model)
    const adapted = adaptedChunks(chunks, profile, { stream_options: { include_usage: true } })
    expect(assembled(events(adapted))).toEqual(assembled(events(chunks, { profile })))
    expect(adapted.at(-1)).toMatchObject({
      choices: [],
      usage: { total_tokens: expect.any(Number) },
    })
  })
})
