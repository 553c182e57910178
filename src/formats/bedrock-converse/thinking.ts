import type { ChatRequest } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import { effortOf } from '../../core/reasoning.ts'
import { thinkAsClaude } from './claude-thinking.ts'
import { asksToThink, type EncodedThinking, NOTHING, thinkByEffort } from './effort.ts'
import type { ConverseProfile } from './profile.ts'

/** How hard to think, in the way that the model knows. */
export function encodeThinking(
  request: ChatRequest,
  { profile, compat }: { readonly profile: ConverseProfile; readonly compat: Compat },
): EncodedThinking {
  const { reasoning: wish } = request
  const { reasoning: style } = profile
  if (wish === undefined || !asksToThink(wish)) return NOTHING
  switch (style.kind) {
    case 'none':
      if (effortOf(wish) !== 'none') compat.changed('reasoning_effort')
      return NOTHING
    case 'effort':
      return thinkByEffort(wish, style, compat)
    case 'claude':
      return thinkAsClaude(request, wish, style, { profile, compat })
    default:
      return style satisfies never
  }
}
