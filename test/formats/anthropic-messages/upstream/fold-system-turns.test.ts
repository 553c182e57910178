import { describe, expect, test } from 'vitest'
import { foldSystemTurns } from '../../../../src/formats/anthropic-messages/fold-system-turns.ts'
import { compatNoting } from '../../../support/compat.ts'
import { thrownBy } from '../../../thrown-by.ts'
import { encode, system, user, assistant } from './claude.ts'

const lenient = compatNoting([], 'lenient')
const mark = { type: 'ephemeral' }
const asUser = (text: string, members: object = {}) => ({
  role: 'user',
  content: [{ type: 'text', text: `<system>\n${text}\n</system>`, ...members }],
})
const said = (role: string, content: unknown) => ({ role, content })
const calls = said('assistant', [{ type: 'tool_use', id: 't', name: 'look', input: {} }])
const results = said('user', [{ type: 'tool_result', tool_use_id: 't' }])
const hello = said('user', 'Hello')
const hi = said('assistant', 'Hi')

describe('#24 turns of role system', () => {
  test.each([
    ['nobody has', [hello, hi, hello], undefined],
    ['one has a string', [hello, said('system', 'a')], [hello, asUser('a')]],
    [
      'one has blocks',
      [
        hello,
        said('system', [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ]),
      ],
      [hello, asUser('a\n\nb')],
    ],
    [
      'one has a mark',
      [said('system', [{ type: 'text', text: 'a', cache_control: mark }])],
      [asUser('a', { cache_control: mark })],
    ],
    [
      'one is between turns',
      [hello, said('system', 'a'), hi, hello],
      [hello, asUser('a'), hi, hello],
    ],
    [
      'one is behind results',
      [calls, results, said('system', 'a'), hi],
      [calls, results, asUser('a'), hi],
    ],
    [
      'one is before results',
      [calls, said('system', 'a'), results, hi],
      [calls, results, asUser('a'), hi],
    ],
    [
      'one is before results and words',
      [calls, said('system', 'a'), results, hello],
      [calls, results, asUser('a'), hello],
    ],
    [
      'there are more',
      [hello, said('system', 'a'), hi, hello, said('system', 'b')],
      [hello, asUser('a'), hi, hello, asUser('b')],
    ],
    [
      'one is empty',
      [hello, said('system', ' '), said('system', []), said('system', null)],
      [hello],
    ],
    [
      'one changes tools',
      [
        hello,
        said('system', [
          { type: 'tool_addition', tool: {} },
          { type: 'text', text: 'a' },
        ]),
      ],
      [hello, asUser('a')],
    ],
    ['others make no sense', [1, said('system', 'a'), null], [1, asUser('a'), null]],
  ])('where %s', (_, messages, expected) => {
    expect(foldSystemTurns({ messages }, lenient)).toEqual(expected)
  })

  test.each([[{}], [{ messages: 'a' }], [{ messages: null }]])('of %j are none', (body) => {
    expect(foldSystemTurns(body, lenient)).toBeUndefined()
  })

  test('leave other turns the very same', () => {
    expect(foldSystemTurns({ messages: [hello, said('system', 'a')] }, lenient)?.[0]).toBe(hello)
  })

  const addition = { role: 'system', content: [{ type: 'tool_addition', tool: { name: 'f' } }] }

  test.each([
    [addition, ['tool_addition:dropped']],
    [{ ...addition, content: [{ type: 'tool_removal', tool: {} }] }, ['tool_removal:dropped']],
    [{ ...said('system', 'a'), clear_at: 'next_user_message' }, ['messages.clear_at:dropped']],
    [{ ...said('system', 'a'), clear_at: 'never', output_config: {} }, []],
    [{ role: 'system', output_config: { effort: 'low' } }, ['messages.output_config:dropped']],
  ])('tell what a user cannot say: %j', (turn, expected) => {
    const warnings: string[] = []
    foldSystemTurns({ messages: [hello, turn, turn] }, compatNoting(warnings, 'lenient'))
    expect(warnings).toEqual(expected)
  })

  test('are refused where they change the tools', () => {
    const fold = () => foldSystemTurns({ messages: [hello, addition] }, compatNoting())
    expect(thrownBy(fold)).toMatchObject({ details: { param: 'tool_addition' } })
  })

  test('are said as in a translated conversation', () => {
    const messages = [hello, said('system', 'a'), hi, hello]
    const translated = encode({
      messages: [user('Hello'), system('a'), assistant('Hi'), user('Hello')],
    })
    const [, turn] = foldSystemTurns({ messages }, lenient) ?? []
    expect(turn).toEqual({ role: 'user', content: [translated.body['messages'][0].content[1]] })
  })
})
