import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { isObject, type JsonObject } from '../../src/core/parse.ts'
import type { ClientChatFormat } from '../../src/core/wire-format.ts'
import { openAiChatStream } from '../../src/formats/openai-chat/stream.ts'
import { answerCall } from '../../src/gateway/answer/answer.ts'
import { clientFormat } from '../../src/gateway/caller/client-formats.ts'
import { privateError, privateFailure } from '../../src/gateway/failure/private-failure.ts'
import { passAdapted } from '../../src/gateway/passage/pass-adapted.ts'
import { passSynthesised } from '../../src/gateway/passage/pass-synthesised.ts'
import { passTranslated } from '../../src/gateway/passage/pass-translated.ts'
import type { HostSide, Passage } from '../../src/gateway/passage/passage.ts'
import { newTrace } from '../../src/gateway/record/trace.ts'
import { withEdits } from '../../src/gateway/target/edits.ts'
import type { Target } from '../../src/gateway/target/target.ts'
import { EDGE_RAG_MODELS, edgeRagBase, edgeRagServices } from '../../src/providers/edge-rag.ts'
import { openai } from '../../src/providers/openai.ts'
import { EDGE_RAG_SIGNS } from '../../src/providers/tunnels/edge-rag.ts'
import { compatNoting } from '../support/compat.ts'

// The runtime's own, which does the same.
beforeAll(() => void vi.stubGlobal('IdentityTransformStream', TransformStream))
afterAll(() => void vi.unstubAllGlobals())

const [service] = edgeRagServices
if (service?.format !== 'openai-chat') throw new Error('it speaks chat')

const target: Target = {
  provider: openai,
  keyId: 'ep_1',
  site: { credential: { kind: 'key', apiKey: 'a-token-of-entra' }, settings: {}, location: '' },
}
const { site } = target
const nowMs = () => 1_795_000_000_000

/** What a cluster answers. */
const CITATIONS = [
  { filepath: 'manual.pdf', chunk_id: '7', score: 0.8, content: 'Press it.', page_numbers: [3] },
]
const ANSWER = {
  id: '4f1c',
  created: 1_794_999_999,
  choices: [
    {
      content_filter_results: {},
      message: {
        role: 'assistant',
        content: 'Press the button [doc1].',
        context: { citations: CITATIONS },
        search_type: 'hybrid_search',
      },
    },
  ],
}

interface Sending {
  readonly format?: ClientChatFormat
  readonly model?: string
  readonly stream?: boolean
  readonly more?: JsonObject
}

function passage({ format = 'openai-chat', model = 'rag', stream = false, more = {} }: Sending): {
  passage: Passage
  warnings: string[]
} {
  const warnings: string[] = []
  const compat = compatNoting(warnings)
  const messages = [{ role: 'user', content: 'How do I start it?' }]
  const body = { model: 'byom/site', messages, stream, ...more }
  const call = { model, wantsStream: stream, site }
  const host: HostSide = {
    headersFor: () => ({ ...service?.defaultHeaders }),
    pathFor: () => service?.path(call) ?? '',
    editsFor: (_, sent) =>
      service?.edits({ ...call, body: sent, headers: new Headers(), compat }) ?? {},
  }
  const client = clientFormat(format)
  if (client === undefined || service?.format !== 'openai-chat') throw new Error('no format')
  const same = { service, model, host, compat, nowMs }
  const trace = newTrace('req_1')
  const inner =
    format === 'openai-chat'
      ? passAdapted({ ...same, body, dialect: openAiChatStream }, trace)
      : passTranslated({ ...same, client, request: client.decodeRequest(body) }, trace)
  return { passage: stream ? passSynthesised(inner) : inner, warnings }
}

async function told(sending: Sending, response: Response): Promise<Response> {
  const attempt = { kind: 'answer', target, response } as const
  const wantsStream = sending.stream === true
  const deps = { nowMs, sleep: () => new Promise<void>(() => undefined) }
  const call = { attempt, passage: passage(sending).passage, wantsStream }
  return await answerCall(call, deps, newTrace('req_1'))
}

/** The data of each event of a stream. */
async function eventsOf(response: Response): Promise<string[]> {
  const text = await response.text()
  return text.split('\n\n').flatMap((event) => /^data: (.*)$/m.exec(event)?.[1] ?? [])
}

describe('a cluster is asked', () => {
  test.each([
    ['https://rag.example.com', 'https://rag.example.com'],
    ['https://rag.example.com/edgeai', 'https://rag.example.com'],
    ['https://rag.example.com/edgeai/slm', 'https://rag.example.com'],
    ['https://example.com/site/edgeai', 'https://example.com/site'],
    ['https://rag.example.com/edgeais', 'https://rag.example.com/edgeais'],
  ])('at %s', (baseUrl, base) => {
    expect(edgeRagBase(baseUrl)).toBe(base)
  })

  test('for an answer out of its collections, or of its model alone', () => {
    const paths = EDGE_RAG_MODELS.map((model) => passage({ model }).passage.pathFor(target))
    expect(paths).toEqual([
      '/edgeai/chat/completions?api-version=2024-10-01-preview',
      '/edgeai/slm/chat/completions',
    ])
  })

  test('as a user, who changes nothing for others', () => {
    expect(passage({}).passage.headersFor(target)).toEqual({ 'x-user-role': 'user' })
  })

  test.each([false, true])('without what it does not know (stream: %s)', (stream) => {
    const more = {
      temperature: 0.7,
      top_p: 0.1,
      isMarkdown: true,
      data_sources: [{ type: 'milvus', parameters: { index_name: 'edgeragapp' } }],
      max_completion_tokens: 100,
      stop: ['x'],
      seed: 7,
      user: 'me',
      response_format: { type: 'json_object' },
      stream_options: { include_usage: true },
    }
    const { passage: made, warnings } = passage({ stream, more })
    expect(JSON.parse(made.bodyFor(target))).toEqual({
      messages: [{ role: 'user', content: 'How do I start it?' }],
      temperature: 0.7,
      top_p: 0.1,
      isMarkdown: true,
      data_sources: more.data_sources,
    })
    expect(warnings.toSorted()).toEqual([
      'max_tokens:dropped',
      'response_format:dropped',
      'seed:dropped',
      'stop:dropped',
      'user:dropped',
    ])
  })

  test('for no tools, which it has not', () => {
    const tools = [{ type: 'function', function: { name: 'f', parameters: {} } }]
    expect(() => passage({ more: { tools } }).passage.bodyFor(target)).toThrow(/cannot take tools/)
  })

  test('for no stream, by callers who want one', () => {
    expect(passage({ stream: true }).passage.asksForStream).toBe(false)
  })

  test('by callers of other formats', () => {
    const { passage: made } = passage({
      format: 'anthropic-messages',
      more: { max_tokens: 50, system: 'Be kind.' },
    })
    expect(JSON.parse(made.bodyFor(target))).toEqual({
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'How do I start it?' },
      ],
    })
  })

  test('with edits that leave the rest', () => {
    const edits = service.edits({
      model: 'rag',
      wantsStream: true,
      site,
      body: {},
      headers: new Headers(),
      compat: compatNoting(),
    })
    expect(withEdits({ model: 'm', stream: true, messages: [] }, edits)).toEqual({ messages: [] })
  })
})

describe('its answer is one that OpenAI’s clients know', () => {
  test('whole, with what is missing filled in, its citations kept, and no usage made up', async () => {
    const answer: unknown = await (await told({}, Response.json(ANSWER))).json()
    expect(answer).toEqual({
      id: '4f1c',
      object: 'chat.completion',
      created: 1_794_999_999,
      model: 'byom/site',
      choices: [
        {
          index: 0,
          content_filter_results: {},
          message: {
            role: 'assistant',
            content: 'Press the button [doc1].',
            refusal: null,
            context: { citations: CITATIONS },
            search_type: 'hybrid_search',
          },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
    })
  })

  test('whole, with an id and a time where it has none', async () => {
    const { choices } = ANSWER
    const answer: unknown = await (await told({}, Response.json({ choices }))).json()
    expect(answer).toMatchObject({ id: 'chatcmpl-req_1', created: 1_795_000_000 })
  })

  test('as a stream', async () => {
    const stream = await told({ stream: true }, Response.json(ANSWER))
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/)
    const events = await eventsOf(stream)
    expect(events.at(-1)).toBe('[DONE]')
    const chunks = events.slice(0, -1).map((data): unknown => JSON.parse(data))
    const head = {
      id: '4f1c',
      object: 'chat.completion.chunk',
      created: 1_794_999_999,
      model: 'byom/site',
    }
    for (const chunk of chunks) expect(chunk).toMatchObject(head)
    const choices = chunks.flatMap((chunk) => (isObject(chunk) ? [chunk['choices']] : []))
    expect(choices).toEqual([
      [
        {
          index: 0,
          content_filter_results: {},
          finish_reason: null,
          delta: {
            role: 'assistant',
            content: '',
            context: { citations: CITATIONS },
            search_type: 'hybrid_search',
          },
        },
      ],
      [{ index: 0, finish_reason: null, delta: { content: 'Press the button [doc1].' } }],
      [{ index: 0, finish_reason: 'stop', delta: {} }],
    ])
  })

  test('to callers of messages, whole and as a stream', async () => {
    const sending = { format: 'anthropic-messages', more: { max_tokens: 50 } } as const
    const whole: unknown = await (await told(sending, Response.json(ANSWER))).json()
    expect(whole).toMatchObject({
      type: 'message',
      content: [{ type: 'text', text: 'Press the button [doc1].' }],
      stop_reason: 'end_turn',
    })
    const stream = await told({ ...sending, stream: true }, Response.json(ANSWER))
    const events = (await eventsOf(stream)).map((data): unknown => JSON.parse(data))
    const types = events.flatMap((event) => (isObject(event) ? [event['type']] : []))
    expect(types).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
    expect(events[2]).toMatchObject({ delta: { text: 'Press the button [doc1].' } })
  })

  test.each([
    [
      'an error in an answer’s place',
      Response.json({ error: { message: 'no index' } }),
      'no index',
    ],
    ['what is no JSON', new Response('<', { headers: { 'content-type': 'application/json' } }), ''],
    ['JSON that is no answer', Response.json([1]), ''],
  ])('but not %s', async (_, response, message) => {
    for (const stream of [true, false]) {
      await expect(told({ stream }, response.clone())).rejects.toMatchObject({
        status: 502,
        message: expect.stringContaining(message),
      })
    }
  })
})

describe('what it refuses is told to its owner', () => {
  const failureOf = (status: number, body: string) => {
    const headers = new Headers({ 'content-type': 'application/json' })
    return privateFailure({ status, headers, body, host: 'rag.example.com' }, EDGE_RAG_SIGNS)
  }

  test.each([
    [401, '{"detail":"Unauthorized"}', 'edge-rag-unauthenticated', 'upstream_rejected_key', false],
    [403, '{"detail":"Forbidden"}', 'edge-rag-forbidden', 'upstream_rejected_key', false],
    [
      500,
      '{"error":"MI token acquisition timed out"}',
      'edge-rag-identity',
      'upstream_error',
      true,
    ],
  ])('%i %s', (status, body, sign, code, retryable) => {
    const failure = failureOf(status, body)
    expect(failure?.sign).toBe(sign)
    if (failure !== undefined) {
      expect(privateError(failure, 'site')).toMatchObject({ code, retryable })
    }
  })

  test.each([
    [400, '{"detail":"No data source"}'],
    [404, '{"detail":"There is no such collection"}'],
    [500, '{"detail":"boom"}'],
  ])('%i %s is its own affair', (status, body) => {
    expect(failureOf(status, body)).toBeUndefined()
  })
})
