import { describe, expect, test } from 'vitest'
import type { AnswerContext } from '../../../src/core/translation.ts'
import type { ChatFormat, ClientChatFormat } from '../../../src/core/wire-format.ts'
import {
  upstreamTranslator,
  type UpstreamTranslator,
} from '../../../src/gateway/passage/upstream-formats.ts'
import type { WatchedStage } from '../../../src/streams/reading-stage.ts'
import { translateStream } from '../../../src/streams/translate.ts'
import { join as joinBytes, splitsOf, textOf, through } from '../../streams/byte-streams.ts'
import { eventsIn, hasRecordedAnswers, recordedAnswers } from '../recorded-answers.ts'
import { CLIENT_NAMES, CLIENTS, CUT_OFF, placeOf } from './places.ts'
import { framed, isWholeAnswer } from './recorded/frame.ts'
import { CLIENT_READERS } from './recorded/read-by-sdk.ts'
import { proofsIn, RECORDING_READERS } from './recorded/read-recording.ts'
import type { Json, Said } from './recorded/said.ts'

const FORMATS: readonly ChatFormat[] = [
  'anthropic-messages',
  'bedrock-converse',
  'gemini',
  'openai-chat',
  'openai-responses',
]
const ANSWERS = FORMATS.map((format) => ({ format, ...recordedAnswers(format) }))

interface File {
  readonly format: ChatFormat
  readonly name: string
  readonly text: string
}

const filesOf = (kind: 'streams' | 'wholes'): readonly File[] =>
  ANSWERS.flatMap(({ format, read, ...answers }) =>
    answers[kind].map((name) => ({ format, name, text: read(name) })),
  )
const STREAMS = filesOf('streams')
const WHOLES = filesOf('wholes')

const eventsOf = ({ text }: File): readonly Json[] =>
  eventsIn(text).map((event): Json => JSON.parse(event))

/** Who gave a recording, by the first word of its name, and what the gateway calls them. */
const PROVIDERS: Readonly<Record<string, string>> = {
  amazon: 'bedrock',
  anthropic: 'anthropic',
  azure: 'azure',
  deepseek: 'deepseek',
  duplicate: 'anthropic',
  google: 'google_vertex_ai',
  mistral: 'mistral',
  openai: 'openai',
  xai: 'xai',
}

/** What the callers asked, each in its own words. */
const tools = ['weather', 'json', 'test-tool']
const QUESTIONS: Readonly<Record<ClientChatFormat, Json>> = {
  'openai-chat': {
    messages: [{ role: 'user', content: 'hi' }],
    tools: tools.map((name) => ({ type: 'function', function: { name } })),
    stream: true,
    stream_options: { include_usage: true },
  },
  'openai-responses': {
    input: 'hi',
    tools: tools.map((name) => ({ type: 'function', name })),
    stream: true,
  },
  'anthropic-messages': {
    max_tokens: 100,
    messages: [{ role: 'user', content: 'hi' }],
    tools: tools.map((name) => ({ name, input_schema: { type: 'object' } })),
    stream: true,
  },
}

interface Crossing {
  readonly translator: UpstreamTranslator
  readonly context: AnswerContext
  stage(): WatchedStage
}

/** What stands between a provider that gave a recording and a caller. */
function crossing({ format, name }: File, client: ClientChatFormat, said: Said): Crossing {
  const model = said.model ?? 'anthropic.claude-sonnet-4-6'
  const { service, site } = placeOf(PROVIDERS[name.split('-')[0] ?? ''] ?? '', model, format)
  const request = CLIENTS[client].decodeRequest({ model, ...QUESTIONS[client] })
  const requestId = 'req_0123456789'
  const translator = upstreamTranslator(service, site, { model, request, requestId })
  const context = { model, request, requestId, createdSeconds: 1_795_000_000 }
  const frames = {
    event: ({ type, payload }: { type: string; payload: string }) => ({
      name: type,
      data: payload,
    }),
    exception: () => CUT_OFF,
  }
  return {
    translator,
    context,
    stage: () =>
      translateStream({
        decoder: (emit) => translator.streamDecoder(emit),
        encoder: CLIENTS[client].streamEncoder(context),
        errorSaid: () => expect.fail('a recording of no error says one'),
        cutOff: () => CUT_OFF,
        ...(service.framing === 'aws-event-stream' ? { frames } : {}),
      }),
  }
}

/** What a caller must be told: all that was said, with the ids and the model where the provider gave any. */
function expected(said: Said, { context }: Crossing): unknown {
  return {
    ...said,
    model: said.model ?? context.model,
    calls: said.calls.map((call) => ({ ...call, id: call.id ?? expect.any(String) })),
  }
}

/** A caller's text, and all that it carries in a wrapping. */
function unwrapped(text: string): string {
  const wrapped = [...text.matchAll(/(?:kwreason\.|__thought__)([\w-]+)/g)].map(([, packed = '']) =>
    Buffer.from(packed, 'base64url').toString(),
  )
  return [text, ...wrapped].join('\n')
}

/** Chunks that are all of one size but the first, which is any: at every byte there is a split in one of these. */
function* chunkings(bytes: Uint8Array, size: number): Generator<readonly Uint8Array[]> {
  for (let first = 1; first <= size; first++) {
    const chunks = [bytes.slice(0, first)]
    for (let at = first; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size))
    yield chunks
  }
}

const pairs = <One extends File>(list: readonly One[]) =>
  list.flatMap((file) => CLIENT_NAMES.map((client) => ({ ...file, client })))

/** Streams up to this size are split in two at each of their bytes too. */
const SMALL_BYTES = 8192

describe.skipIf(!hasRecordedAnswers)('recorded answers', () => {
  test('there are some of every format', () => {
    for (const list of [STREAMS, WHOLES]) {
      expect(new Set(list.map(({ format }) => format))).toEqual(new Set(FORMATS))
    }
  })

  test.each(pairs(STREAMS))(
    '$format/$name means the same to $client',
    async ({ client, ...file }) => {
      const events = eventsOf(file)
      const said = RECORDING_READERS[file.format].stream(events)
      const across = crossing(file, client, said)
      const out = textOf(through(across.stage(), framed(file.format, events)))
      expect(await CLIENT_READERS[client].stream(out)).toEqual(expected(said, across))
      for (const proof of proofsIn(file.text)) expect(unwrapped(out)).toContain(proof)
    },
  )

  test.each(pairs(WHOLES))('$format/$name means the same to $client', ({ client, ...file }) => {
    const body = JSON.parse(file.text)
    const said = RECORDING_READERS[file.format].whole(body)
    const across = crossing(file, client, said)
    const { translator, context } = across
    const answer = CLIENTS[client].encodeAnswer(translator.decodeAnswer(body), context)
    const out = JSON.stringify(answer)
    expect(CLIENT_READERS[client].whole(JSON.parse(out))).toEqual(expected(said, across))
    for (const proof of proofsIn(file.text)) expect(unwrapped(out)).toContain(proof)
  })

  test.each(pairs(STREAMS))(
    '$format/$name is the same to $client wherever it is split',
    ({ client, ...file }) => {
      const events = eventsOf(file)
      const across = crossing(file, client, RECORDING_READERS[file.format].stream(events))
      const bytes = joinBytes(framed(file.format, events))
      const whole = textOf(through(across.stage(), [bytes]))
      const splits = bytes.length <= SMALL_BYTES ? splitsOf(bytes) : chunkings(bytes, 61)
      for (const chunks of splits) {
        const out = textOf(through(across.stage(), chunks))
        if (out !== whole) expect(out).toBe(whole)
      }
    },
  )

  test.each(pairs(STREAMS))(
    '#12 $format/$name is an error to $client wherever it is cut short',
    async ({ client, ...file }) => {
      const events = eventsOf(file)
      const across = crossing(file, client, RECORDING_READERS[file.format].stream(events))
      const frames = framed(file.format, events)
      const { failure, stream } = CLIENT_READERS[client]
      const outs: string[] = []
      for (let count = 0; count < frames.length; count++) {
        const before = joinBytes(frames.slice(0, count))
        const within = joinBytes([before, (frames[count] ?? before).slice(0, -20)])
        const isWhole = isWholeAnswer(file.format, events.slice(0, count))
        for (const cut of [before, within]) {
          for (const isDead of [true, false]) {
            const out = textOf(through(across.stage(), [cut], isDead))
            const said = failure(out)
            if (isWhole && !isDead && cut === before) {
              expect(said).toBeUndefined()
              continue
            }
            // Half an event makes no sense where the provider says that it was all.
            if (cut === before || isDead) expect(said, `after ${count}`).toBe(CUT_OFF.message)
            else expect(said, `within ${count}`).toEqual(expect.any(String))
            outs.push(out)
          }
        }
      }
      await expect(stream(outs.at(-1) ?? '')).rejects.toThrow()
    },
  )
})
