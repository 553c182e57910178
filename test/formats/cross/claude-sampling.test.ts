import { describe, expect, test } from 'vitest'
import { cross, heardAt } from './cross.ts'
import { placeOf } from './places.ts'

/** Each place of Claude, and what it calls its models. */
const PLACES: readonly (readonly [provider: string, name: (model: string) => string])[] = [
  ['anthropic', (model) => model],
  ['google_vertex_ai', (model) => model],
  ['azure', (model) => model],
  ['bedrock', (model) => `us.anthropic.${model}`],
]
const ASKED = {
  'openai-chat': { messages: [{ role: 'user', content: 'hi' }], temperature: 0.5 },
  'openai-responses': { input: 'hi', temperature: 0.5 },
} as const

describe.each(['openai-chat', 'openai-responses'] as const)('of %s', (client) => {
  test.each(
    PLACES.flatMap(([provider, name]) =>
      (
        [
          ['claude-opus-4-6', true],
          ['claude-sonnet-4-6', true],
          ['claude-opus-4-7', false],
          ['claude-opus-4-8', false],
          ['claude-sonnet-5', false],
          ['claude-sonnet-5-5', false],
          ['claude-opus-5-5', false],
          ['claude-haiku-5-5', false],
        ] as const
      ).map(([model, isKept]) => [provider, name(model), isKept] as const),
    ),
  )('#26 a temperature at %s for %s is sent: %s', (provider, model, isKept) => {
    const place = placeOf(provider, model, 'anthropic-messages')
    const crossed = cross(client, ASKED[client], place)
    expect(crossed.body['temperature']).toBe(isKept ? 0.5 : undefined)
    expect(crossed.warnings).toEqual(isKept ? [] : ['temperature:dropped'])
    // The stand-in takes it: by the version of 2026-10-21 it would be refused for every model.
    expect(heardAt(place, crossed).lines).toEqual([{ kind: 'user', text: 'hi' }])
    const { headers, body } = crossed
    expect(headers['anthropic-version'] ?? body['anthropic_version']).toMatch(/2023-/)
  })
})
