import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/core/errors.ts'
import type { JsonObject } from '../../../src/core/parse.ts'
import type { ChatFormat, ClientChatFormat } from '../../../src/core/wire-format.ts'
import { type Crossed, crossOrRefuse, heardAt } from './cross.ts'
import { CLIENT_NAMES, type Place, placeOf } from './places.ts'

/**
 * Requests as callers send them, and beside each what becomes of it in every other format, for one model each:
 * `requests/{the caller's format}/{case}.json` and `{case}.to-{the provider's format}.json`. After a change that is
 * meant, `UPDATE_GOLDENS=1` writes them anew.
 */
const ROOT = join(import.meta.dirname, 'requests')
const isUpdate = process.env['UPDATE_GOLDENS'] === '1'

const PLACES: Readonly<Record<ChatFormat, Place>> = {
  'openai-chat': placeOf('openai', 'gpt-5.4', 'openai-chat'),
  'openai-responses': placeOf('openai', 'gpt-5.6-sol', 'openai-responses'),
  'anthropic-messages': placeOf('anthropic', 'claude-opus-5-5', 'anthropic-messages'),
  'bedrock-converse': placeOf('bedrock', 'global.amazon.nova-2-lite-v1:0', 'bedrock-converse'),
  gemini: placeOf('google_vertex_ai', 'gemini-3.8-flash', 'gemini'),
}
const FORMATS = Object.keys(PLACES) as ChatFormat[]

const filesOf = (client: ClientChatFormat) => readdirSync(join(ROOT, client)).toSorted()
const CASES = CLIENT_NAMES.flatMap((client) =>
  filesOf(client)
    .filter((file) => !file.includes('.to-'))
    .map((file) => ({ client, name: file.replace(/\.json$/, '') })),
)
const PAIRS = CASES.flatMap(({ client, name }) =>
  FORMATS.filter((format) => format !== client).map((format) => ({ client, name, format })),
)

/** What the caller is told of a request that is refused, and what becomes of it where the caller is lenient. */
function outcomeOf(client: ClientChatFormat, asked: JsonObject, place: Place): object {
  const sent = crossOrRefuse(client, asked, place)
  if (!(sent instanceof GatewayError)) return shown(sent, place)
  const { code, message, details } = sent
  const refused = { code, param: details.param, message }
  const lenient = crossOrRefuse(client, asked, place, 'lenient')
  return lenient instanceof GatewayError
    ? { refused, lenient: { refused: lenient.message } }
    : { refused, lenient: shown(lenient, place) }
}

function shown(sent: Crossed, place: Place): object {
  // Throws what the stand-in for the provider has against it.
  heardAt(place, sent)
  return { warnings: sent.warnings, body: sent.body }
}

const parsed = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as JsonObject
/** One text for one content: how a file is laid out is the formatter's affair. */
const layout = (value: unknown) => JSON.stringify(value, null, 2)

describe('requests', () => {
  test('are many, of every format', () => {
    for (const client of CLIENT_NAMES) {
      expect(CASES.filter((one) => one.client === client).length).toBeGreaterThanOrEqual(15)
    }
  })

  test.each(PAIRS)('$name from $client to $format', ({ client, name, format }) => {
    const outcome = outcomeOf(client, parsed(join(ROOT, client, `${name}.json`)), PLACES[format])
    const golden = join(ROOT, client, `${name}.to-${format}.json`)
    if (isUpdate) writeFileSync(golden, `${layout(outcome)}\n`)
    expect(existsSync(golden), `${golden} is missing: UPDATE_GOLDENS=1 writes it`).toBe(true)
    expect(layout(outcome)).toBe(layout(parsed(golden)))
  })

  test('have no goldens but these', () => {
    const expected = PAIRS.map(({ client, name, format }) => `${client}/${name}.to-${format}.json`)
    const found = CLIENT_NAMES.flatMap((client) =>
      filesOf(client)
        .filter((file) => file.includes('.to-'))
        .map((file) => `${client}/${file}`),
    )
    expect(found.toSorted()).toEqual(expected.toSorted())
  })
})
