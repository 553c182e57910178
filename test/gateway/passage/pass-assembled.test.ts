import { describe, expect, test } from 'vitest'
import { isObject, type JsonObject } from '../../../src/core/parse.ts'
import type { ClientChatFormat } from '../../../src/core/wire-format.ts'
import { openAiChatStream } from '../../../src/formats/openai-chat/stream.ts'
import { answerCall } from '../../../src/gateway/answer/answer.ts'
import { clientFormat } from '../../../src/gateway/caller/client-formats.ts'
import { passAdapted } from '../../../src/gateway/passage/pass-adapted.ts'
import { passAssembled, requestToAssemble } from '../../../src/gateway/passage/pass-assembled.ts'
import { passTranslated } from '../../../src/gateway/passage/pass-translated.ts'
import type { HostSide, Passage } from '../../../src/gateway/passage/passage.ts'
import { newTrace } from '../../../src/gateway/record/trace.ts'
import type { Target } from '../../../src/gateway/target/target.ts'
import { privateChatProfile } from '../../../src/providers/models/private-models.ts'
import { chatCompletions } from '../../../src/providers/openai-compatible.ts'
import { openai } from '../../../src/providers/openai.ts'

const target: Target = {
  provider: openai,
  keyId: 'ep_1',
  site: { credential: { kind: 'key', apiKey: 'the-key-of-the-model' }, settings: {}, location: '' },
}
const compat = { changed: () => undefined, refused: () => undefined }
const host: HostSide = {
  headersFor: () => ({}),
  pathFor: () => '/chat/completions',
  editsFor: () => ({ set: { model: 'phi-4' } }),
}
const nowMs = () => 1_795_000_000_000
/** Nothing here waits. */
const deps = { nowMs, sleep: () => new Promise<void>(() => undefined) }

const MESSAGES = [{ role: 'user', content: 'Hello' }]
const BODIES: Readonly<Record<ClientChatFormat, JsonObject>> = {
  'openai-chat': { model: 'byom/lab', messages: MESSAGES, top_k: 3 },
  'anthropic-messages': { model: 'byom/lab', max_tokens: 50, messages: MESSAGES },
  'openai-responses': { model: 'byom/lab', input: 'Hello', store: false },
}

function passageOf(format: ClientChatFormat, capabilities: JsonObject = {}): Passage {
  const client = clientFormat(format)
  if (client === undefined) throw new Error('not a format of conversations')
  const body = BODIES[format]
  const service = chatCompletions(() => privateChatProfile(capabilities))
  const trace = newTrace('req_1')
  const request = requestToAssemble(client, body)
  if (request === undefined) throw new Error('not assembled')
  const same = { service, model: 'phi-4', host, compat, nowMs }
  const inner =
    format === 'openai-chat'
      ? passAdapted({ ...same, body, dialect: openAiChatStream }, trace)
      : passTranslated({ ...same, client, request }, trace)
  const isSameFormat = format === 'openai-chat'
  return passAssembled(
    { inner, client, isSameFormat, service, model: 'phi-4', request, nowMs },
    trace,
  )
}

const chunk = (members: JsonObject): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-7', object: 'chat.completion.chunk', created: 1, model: 'phi-4-mini', ...members })}\n\n`
const delta = (part: JsonObject, finish: string | null = null): string =>
  chunk({ choices: [{ index: 0, delta: part, finish_reason: finish }] })
const USAGE = chunk({
  choices: [],
  usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
})
const DONE = 'data: [DONE]\n\n'

const HELLO = [
  ': ping\n\n',
  delta({ role: 'assistant', content: '' }),
  delta({ reasoning_content: 'Hm.' }),
  delta({ content: 'Hé' }),
  delta({ content: 'llo' }),
  delta({}, 'stop'),
  USAGE,
  DONE,
].join('')

const CALLS = [
  delta({
    tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }],
  }),
  delta({ tool_calls: [{ index: 0, function: { arguments: '{"x":' } }] }),
  delta({ tool_calls: [{ index: 0, function: { arguments: '1}' } }] }),
  delta({
    tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } }],
  }),
  delta({}, 'tool_calls'),
  DONE,
].join('')

/** A stream that comes a byte at a time. */
function trickle(text: string, ending: 'ends' | 'dies' = 'ends'): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  let at = 0
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) return controller.enqueue(bytes.slice(at, ++at))
      if (ending === 'dies') return controller.error(new Error('reset'))
      controller.close()
    },
  })
}

async function answerOf(
  format: ClientChatFormat,
  text: string,
  ending?: 'dies',
): Promise<JsonObject> {
  const body = trickle(text, ending)
  const response = new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  return await told(format, response)
}

async function told(format: ClientChatFormat, response: Response): Promise<JsonObject> {
  const passage = passageOf(format)
  const attempt = { kind: 'answer', target, response } as const
  const call = { attempt, passage, wantsStream: false }
  const answer = await answerCall(call, deps, newTrace('req_1'))
  expect(answer.headers.get('content-type')).toBe('application/json')
  const json: unknown = await answer.json()
  if (!isObject(json)) throw new Error('no object')
  return json
}

describe('the upstream is asked for a stream', () => {
  test.each(['openai-chat', 'anthropic-messages', 'openai-responses'] as const)(
    'of a caller of %s, with its usage',
    (format) => {
      const passage = passageOf(format)
      expect(passage.asksForStream).toBe(true)
      const sent: unknown = JSON.parse(passage.bodyFor(target))
      expect(sent).toMatchObject({
        model: 'phi-4',
        stream: true,
        stream_options: { include_usage: true },
        messages: MESSAGES,
      })
    },
  )

  test('without its usage where the server does not know how', () => {
    const capabilities = { supports_stream_options: false }
    for (const format of ['openai-chat', 'anthropic-messages'] as const) {
      const sent: unknown = JSON.parse(passageOf(format, capabilities).bodyFor(target))
      expect(sent).toMatchObject({ stream: true })
      expect(sent).not.toHaveProperty('stream_options')
    }
  })

  test('and members that only its server knows go along', () => {
    expect(JSON.parse(passageOf('openai-chat').bodyFor(target))).toMatchObject({ top_k: 3 })
  })
})

describe('the answer is put together', () => {
  test('for chat', async () => {
    expect(await answerOf('openai-chat', HELLO)).toEqual({
      id: 'chatcmpl-7',
      object: 'chat.completion',
      created: 1_795_000_000,
      model: 'phi-4-mini',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'Héllo',
            refusal: null,
            reasoning_content: 'Hm.',
          },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
    })
  })

  test('for chat with what only its server knows, and for others without', async () => {
    const fingerprint = { system_fingerprint: 'fp_1' }
    const ending = { index: 0, delta: {}, finish_reason: 'stop', stop_reason: 128_001 }
    const stream = [
      chunk({ ...fingerprint, choices: [{ index: 0, delta: { content: 'Hi' } }] }),
      chunk({ choices: [{ index: 0, delta: { content: '!' }, token_ids: [7] }] }),
      chunk({ choices: [ending] }),
      chunk({ choices: [], timings: { predicted_n: 2 } }),
      DONE,
    ].join('')
    const answer = await answerOf('openai-chat', stream)
    expect(answer).toMatchObject({
      ...fingerprint,
      object: 'chat.completion',
      timings: { predicted_n: 2 },
      choices: [{ message: { content: 'Hi!' }, finish_reason: 'stop', stop_reason: 128_001 }],
    })
    expect(JSON.stringify(answer)).not.toMatch(/delta|token_ids/)
    expect(await answerOf('anthropic-messages', stream)).not.toHaveProperty('system_fingerprint')
  })

  test('with calls of tools', async () => {
    expect(await answerOf('openai-chat', CALLS)).toMatchObject({
      choices: [
        {
          finish_reason: 'tool_calls',
          message: {
            content: null,
            tool_calls: [
              { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
              { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
            ],
          },
        },
      ],
    })
  })

  test('without a usage that nobody told', async () => {
    expect(await answerOf('openai-chat', HELLO.replace(USAGE, ''))).not.toHaveProperty('usage')
  })

  test('for messages', async () => {
    expect(await answerOf('anthropic-messages', HELLO)).toMatchObject({
      type: 'message',
      role: 'assistant',
      content: expect.arrayContaining([expect.objectContaining({ type: 'text', text: 'Héllo' })]),
      stop_reason: 'end_turn',
      usage: { input_tokens: 5, output_tokens: 7 },
    })
  })

  test('for responses', async () => {
    expect(await answerOf('openai-responses', HELLO)).toMatchObject({
      object: 'response',
      status: 'completed',
      output: expect.arrayContaining([expect.objectContaining({ type: 'message' })]),
    })
  })

  test('with what comes behind the last word not waited for', async () => {
    const more = `${HELLO}data: {"error":{"message":"too late"}}\n\n`
    expect(await answerOf('openai-chat', more, 'dies')).toMatchObject({ object: 'chat.completion' })
  })

  test('from JSON where the server streams nothing', async () => {
    const whole = { choices: [{ message: { role: 'assistant', content: 'Hi' } }] }
    expect(await told('openai-chat', Response.json(whole))).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }],
    })
    expect(await told('anthropic-messages', Response.json(whole))).toMatchObject({
      content: [{ type: 'text', text: 'Hi' }],
    })
  })
})

describe('what goes wrong is an error with a status', () => {
  const cutAt = (text: string): string => HELLO.slice(0, HELLO.indexOf(text))

  test.each<[string, string, 'dies' | undefined, string, number]>([
    ['the upstream dies', cutAt('llo'), 'dies', 'upstream_error', 502],
    ['it ends in the middle', cutAt('llo'), undefined, 'upstream_error', 502],
    ['it ends before its last word', cutAt('data: [DONE]'), undefined, 'upstream_error', 502],
    ['it ends at once', '', undefined, 'upstream_error', 502],
    ['it says what is no JSON', 'data: {"choices"\n\n', undefined, 'upstream_error', 502],
    [
      'it says an error',
      `${delta({ content: 'Hé' })}data: {"error":{"message":"busy","type":"rate_limit_error"}}\n\n`,
      undefined,
      'rate_limited',
      429,
    ],
    [
      'it says an error first',
      'data: {"error":{"message":"boom"}}\n\n',
      undefined,
      'upstream_error',
      502,
    ],
  ])('%s', async (_, text, ending, code, status) => {
    for (const format of ['openai-chat', 'anthropic-messages'] as const) {
      await expect(answerOf(format, text, ending)).rejects.toMatchObject({ code, status })
    }
  })

  test('its words are the upstream’s, without the key', async () => {
    const said = 'data: {"error":{"message":"the-key-of-the-model is wrong"}}\n\n'
    await expect(answerOf('openai-chat', said)).rejects.toMatchObject({ message: '[key] is wrong' })
  })
})

describe('what cannot be put together is passed on as it is', () => {
  const client = clientFormat('openai-chat')
  if (client === undefined) throw new Error('not a format of conversations')

  test.each<[JsonObject, boolean]>([
    [{}, true],
    [{ n: 1, logprobs: false }, true],
    [{ n: 2 }, false],
    [{ logprobs: true }, false],
    [{ prompt_logprobs: 0 }, false],
    [{ prompt_logprobs: null, echo: false }, true],
    [{ use_beam_search: true, best_of: 2 }, false],
    [{ return_token_ids: true }, false],
    [{ kv_transfer_params: { do_remote_decode: true } }, false],
    [{ modalities: ['text', 'audio'] }, false],
    [{ messages: [{ role: 'user', content: [{ type: 'video_url', video_url: {} }] }] }, false],
  ])('%j: %s', (members, isAssembled) => {
    const request = requestToAssemble(client, { ...BODIES['openai-chat'], ...members })
    expect(request !== undefined).toBe(isAssembled)
  })
})
