import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { encode, eventsOf, gatheredBySdk, readBySdk, streamOf, wholeOf } from './answer.ts'
import { STREAMS } from './streams.ts'

const plain = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject

test('the library reads a stream as it reads the whole answer', async () => {
  await fc.assert(
    fc.asyncProperty(STREAMS, async (events) => {
      const whole = plain(encode(wholeOf(events)))
      const text = streamOf(events)
      const { output_text: _, output_parsed: __, ...read } = plain(await readBySdk(text, 97))
      // What it adds to read structured outputs.
      const output = (read['output'] as JsonObject[]).map(({ parsed_arguments: ___, ...item }) => ({
        ...item,
        ...(Array.isArray(item['content'])
          ? { content: (item['content'] as JsonObject[]).map(({ parsed: ____, ...part }) => part) }
          : {}),
      }))
      expect({ ...read, output }).toEqual(whole)
    }),
    { numRuns: 300 },
  )
})

test('the pieces of a stream are the items of its end', async () => {
  await fc.assert(
    fc.asyncProperty(STREAMS, async (events) => {
      const { output } = encode(wholeOf(events))
      expect(plain(await gatheredBySdk(streamOf(events)))).toEqual(plain(output))
    }),
    { numRuns: 200 },
  )
})

test('what is added piece by piece is what is said when it is done', () => {
  fc.assert(
    fc.property(STREAMS, (events) => {
      const written = new Map<string, string>()
      for (const event of eventsOf(streamOf(events))) {
        const { type, item_id, content_index = '', delta } = event
        const key = `${String(item_id)} ${String(content_index)}`
        if (typeof delta === 'string') {
          expect(delta).not.toBe('')
          written.set(key, (written.get(key) ?? '') + delta)
        }
        const done = event['text'] ?? event['refusal'] ?? event['arguments'] ?? event['input']
        if (String(type).endsWith('.done') && typeof done === 'string') {
          expect(written.get(key) ?? '').toBe(done)
        }
      }
    }),
    { numRuns: 500 },
  )
})
