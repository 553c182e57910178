import { describe, expect, test } from 'vitest'
import { expectPaired, outline, outlineOf, textOf, told } from './heard.ts'
import { HEARD, LONG, PICTURE } from './material.ts'
import { type Stage, WAYS } from './stage.ts'

/** What arrives at the model: instructions, images, whole conversations. */
export function promptCases(stage: Stage): void {
  const { caller, upstream, at } = stage

  describe.each(WAYS)('%s', (_, isStreamed) => {
    test('instructions arrive in their order, before what the user says', async () => {
      const instructions = ['Be brief.', 'Never lie.'].map((text, index) => ({
        by: index === 1 && caller.hasDeveloper ? ('developer' as const) : ('system' as const),
        text,
      }))
      const turns = [...instructions, { by: 'user' as const, text: HEARD }]
      await caller.say({ ...at(isStreamed), turns })
      const lines = told(stage)
      expect(textOf(lines, 'system')).toMatch(/^Be brief\.\s+Never lie\.$/)
      expect(outline(lines)).toEqual([['user', HEARD]])
    })

    test('an image arrives byte by byte', async () => {
      const turns = [{ by: 'user' as const, text: HEARD, image: PICTURE }]
      await caller.say({ ...at(isStreamed, upstream.seeing), turns })
      expect(outline(told(stage))).toEqual(outlineOf(turns))
    })

    test('a long conversation arrives as it was', async () => {
      await caller.say({ ...at(isStreamed), turns: LONG })
      const lines = told(stage)
      expect(outline(lines)).toEqual(outlineOf(LONG))
      expect(textOf(lines, 'system')).toBe('Be brief.')
      expectPaired(lines)
    })
  })
}
