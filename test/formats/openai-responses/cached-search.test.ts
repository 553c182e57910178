import { expect, test } from 'vitest'
import { liveSearchTools } from '../../../src/formats/openai-responses/cached-search.ts'
import { compatNoting } from '../../support/compat.ts'
import { thrownBy } from '../../thrown-by.ts'

const look = { type: 'function', name: 'look', parameters: { external_web_access: false } }
const search = { type: 'web_search', search_context_size: 'low' }
const cached = { ...search, external_web_access: false }

test('a search that must not be live is left out, and a live one loses the word for it', () => {
  const warnings: string[] = []
  const tools = [look, cached, { ...search, external_web_access: true }]
  expect(liveSearchTools({ tools }, compatNoting(warnings))).toEqual([look, search])
  expect(warnings).toEqual(['tools.1.type:dropped'])
})

test('a strict caller is refused', () => {
  const compat = compatNoting([], 'strict')
  expect(thrownBy(() => liveSearchTools({ tools: [cached] }, compat))).toMatchObject({
    code: 'unsupported_parameter',
    details: { param: 'tools.0.type' },
  })
})

test.each(['required', { type: 'web_search' }])(
  'it is refused where the model must call a tool, which could be this one: %j',
  (tool_choice) => {
    const body = { tools: [cached], tool_choice }
    expect(thrownBy(() => liveSearchTools(body, compatNoting()))).toMatchObject({
      code: 'unsupported_parameter',
      details: { param: 'tools.0.type' },
    })
  },
)

test.each([undefined, null, 'x', [], [look, search, null, 'x']])('%j stays as it came', (tools) => {
  expect(liveSearchTools({ tools }, compatNoting())).toBeUndefined()
})
