import { describe, expect, test } from 'vitest'
import { openAiChatStream } from '../../../src/formats/openai-chat/stream.ts'
import { passAdapted } from '../../../src/gateway/passage/pass-adapted.ts'
import { isChatService } from '../../../src/gateway/passage/upstream-formats.ts'
import { newTrace } from '../../../src/gateway/record/trace.ts'
import type { Target } from '../../../src/gateway/target/target.ts'
import { findProvider } from '../../../src/providers/registry.ts'

const KEY = 'the-very-key-of-no-known-shape'
const zai = findProvider('zai') ?? expect.fail()
const service = zai.services.find(isChatService)
const target: Target = {
  provider: zai,
  keyId: 'pk_1',
  site: { credential: { kind: 'key', apiKey: KEY }, settings: {}, location: '' },
}

/** What becomes of a stream of these chunks. */
function streamed(...chunks: readonly (object | string)[]) {
  if (service?.format !== 'openai-chat') return expect.fail()
  const passage = passAdapted(
    {
      service,
      model: 'glm-5.3',
      body: { model: 'glm-5.3', messages: [], stream: true },
      host: { pathFor: () => '/', headersFor: () => ({}), editsFor: () => ({}) },
      compat: { changed: () => undefined, refused: () => undefined },
      dialect: openAiChatStream,
      nowMs: () => 0,
    },
    newTrace('req_1'),
  )
  const stage = passage.stageFor({ kind: 'answer', target, response: new Response() })
  const text = chunks
    .map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`)
    .join('')
  const out = new TextDecoder().decode(stage.next(new TextEncoder().encode(text)))
  return { out, earlyFailure: stage.earlyFailure }
}

const chunk = (members: object, more: object = {}) => ({
  id: 'x',
  choices: [{ index: 0, delta: {}, ...members }],
  ...more,
})

describe('a chunk that is a failure', () => {
  const error = { code: '1305', message: `${KEY} waits` }

  test.each([
    ['an error beside the choices', chunk({}, { error }), 'upstream_overloaded', '[key] waits'],
    [
      'an end that is one',
      chunk({ finish_reason: 'insufficient_system_resource' }),
      'upstream_overloaded',
      'The provider had too little capacity to finish the answer.',
    ],
    [
      'another end that is one',
      chunk({ finish_reason: 'network_error' }),
      'upstream_error',
      'The model failed before its answer was whole.',
    ],
  ])('has its status, and repeats no key: %s', (_, failing, code, message) => {
    expect(streamed(failing).earlyFailure).toMatchObject({ code, message })
    const { out, earlyFailure } = streamed(chunk({ delta: { content: 'Hello' } }), failing)
    expect(earlyFailure).toBeUndefined()
    expect(out).toContain('Hello')
    expect(out).toContain(message)
    expect(out).not.toContain(KEY)
  })
})

describe('an event that is no chunk', () => {
  const hello = chunk({ delta: { content: 'Hello' } })
  const world = chunk({ delta: { content: 'world' } })

  test('is a sign of life where it is empty', () => {
    const { out, earlyFailure } = streamed('', hello, '', world)
    expect(earlyFailure).toBeUndefined()
    expect(out).toBe(streamed(hello, world).out)
    expect(out).toContain('world')
  })

  test('is no beginning of an answer: what fails behind it fails first', () => {
    const failing = chunk({}, { error: { code: '1305', message: 'busy' } })
    expect(streamed('', failing).earlyFailure).toMatchObject({ code: 'upstream_overloaded' })
  })

  test('ends the stream where it is anything else', () => {
    const { out } = streamed(hello, '{"id":', world)
    expect(out).toContain('stopped before its answer was complete')
    expect(out).not.toContain('world')
  })
})
