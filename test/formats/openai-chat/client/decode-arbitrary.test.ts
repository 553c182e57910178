import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GatewayError } from '../../../../src/core/errors.ts'
import { isObject, type JsonObject } from '../../../../src/core/parse.ts'
import { openAiChatClient } from '../../../../src/formats/openai-chat/client.ts'
import { thrownBy } from '../../../thrown-by.ts'

/** A body with all that can be said in it. */
const BODY = {
  model: 'm',
  messages: [
    { role: 'system', content: 'be', cache_control: { type: 'ephemeral', ttl: '1h' } },
    { role: 'developer', content: [{ type: 'text', text: 'so' }] },
    {
      role: 'user',
      name: 'ann',
      content: [
        { type: 'text', text: 'hi', prompt_cache_breakpoint: { mode: 'explicit', ttl: '30m' } },
        { type: 'image_url', image_url: { url: 'https://x.example/a.pdf', detail: 'low' } },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } },
        { type: 'file', file: { file_data: 'JVBERi0=', filename: 'a.pdf' } },
        { type: 'file', file: { file_id: 'f' } },
        { type: 'input_audio', input_audio: { data: 'UklG', format: 'wav' } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'a' },
        { type: 'refusal', refusal: 'b' },
      ],
      reasoning_content: 'hm',
      thinking_blocks: [
        { type: 'thinking', thinking: 'hm', signature: 's' },
        { type: 'redacted_thinking', data: 'kwproof.gpt.e' },
      ],
      tool_calls: [
        { id: 'a__thought__eA', type: 'function', function: { name: 'get', arguments: '{}' } },
        { id: 'kwid_Yi4x', type: 'custom', custom: { name: 'patch', input: 'x' } },
      ],
    },
    { role: 'tool', tool_call_id: 'a', content: 'ok' },
    { role: 'tool', tool_call_id: 'b.1', content: [{ type: 'text', text: 'ok' }] },
    { role: 'assistant', content: null, refusal: 'no', function_call: null, audio: null },
  ],
  tools: [
    {
      type: 'function',
      function: { name: 'get', description: 'd', parameters: { type: 'object' }, strict: true },
    },
    {
      type: 'custom',
      custom: {
        name: 'patch',
        format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "a"' } },
      },
    },
  ],
  tool_choice: {
    type: 'allowed_tools',
    allowed_tools: { mode: 'auto', tools: [{ type: 'custom', custom: { name: 'patch' } }] },
  },
  parallel_tool_calls: true,
  max_completion_tokens: 5,
  temperature: 1,
  seed: 1,
  stop: ['a'],
  n: 2,
  logprobs: true,
  top_logprobs: 2,
  reasoning_effort: 'low',
  thinking: { type: 'enabled', budget_tokens: 2048 },
  response_format: { type: 'json_schema', json_schema: { name: 'n', schema: {} } },
  metadata: { a: 'b' },
  stream: true,
  stream_options: { include_usage: true },
}

/** What might stand anywhere instead: above all what a decoder looks for in another place. */
const strange = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom('', '{', '{}', 'a', 'tool', 'text', 'custom', 'thinking', 'none', 'ephemeral'),
  fc.constantFrom('data:,%', 'data:x;base64,', 'http://[', 'kwid_!', '__thought__', 'kwproof.'),
  fc.constantFrom(null, true, -1, 0.5, 1e300, [], {}, [null], [[]], [{}], { type: 'text' }),
)
const mutation = fc.record({
  at: fc.nat(),
  change: fc.oneof(fc.constant({ remove: true }), fc.record({ set: strange })),
})

interface Place {
  readonly owner: Record<string, unknown>
  readonly member: string
}

/** Every member and item, however deep. */
function placesIn(value: unknown): readonly Place[] {
  if (!isObject(value) && !Array.isArray(value)) return []
  const owner = value as Record<string, unknown>
  return Object.entries(owner).flatMap(([member, inner]) => [{ owner, member }, ...placesIn(inner)])
}

test('a body with anything in any place is read, or refused with a field of it', () => {
  const outcomes = { read: 0, refused: new Set<string>() }
  fc.assert(
    fc.property(fc.array(mutation, { maxLength: 3 }), (mutations) => {
      const body = structuredClone(BODY) as JsonObject
      for (const { at, change } of mutations) {
        const places = placesIn(body)
        const place = places[at % places.length]
        if (place === undefined) continue
        const { owner, member } = place
        if ('set' in change) owner[member] = change.set
        else if (Array.isArray(owner)) owner.splice(Number(member), 1)
        else delete owner[member]
      }
      const error = thrownBy(() => openAiChatClient.decodeRequest(body))
      if (error === undefined) {
        outcomes.read++
        return
      }
      expect(error).toBeInstanceOf(GatewayError)
      const { code, details } = error as GatewayError
      expect(code).toBe('invalid_request')
      expect(details.param).toMatch(/^[a-z_0-9.]+$/)
      outcomes.refused.add(String(details.param))
    }),
    { numRuns: 3000 },
  )
  // Otherwise only the first few checks would have been tried.
  expect(outcomes.read).toBeGreaterThan(300)
  expect(outcomes.refused.size).toBeGreaterThan(60)
})

test('a body of anything is read, or refused', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (body, messages) => {
      for (const members of [body, { ...body, messages }, { ...body, messages: [messages] }]) {
        const error = thrownBy(() => openAiChatClient.decodeRequest(members))
        expect(error).toBeInstanceOf(GatewayError)
      }
    }),
  )
})
