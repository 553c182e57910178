import type { Compat } from '../../core/compat.ts'
import { isObject, type JsonObject } from '../../core/parse.ts'

/**
 * OpenAI's web search held to what OpenAI has fetched before, which Codex offers with each request. Nothing new is looked up
 * for it, so a conversation is the same without it, and no other provider has it.
 * https://platform.openai.com/docs/guides/tools-web-search
 */
export function isCachedSearch({ type, external_web_access: isLive }: JsonObject): boolean {
  return type === 'web_search' && isLive === false
}

/**
 * A body's `tools` for a provider whose web search is always live: without one that must not be, and without the word
 * for it. Undefined where there is neither, so that such bodies stay as they came.
 */
export function liveSearchTools(
  { tools, tool_choice: choice }: JsonObject,
  compat: Compat,
): readonly unknown[] | undefined {
  if (!Array.isArray(tools) || !tools.some(saysAccess)) return undefined
  return tools.flatMap((tool: unknown, index) => {
    if (!saysAccess(tool)) return [tool]
    if (isCachedSearch(tool)) {
      // A model that must call a tool could mean this one.
      if (choice === undefined || choice === 'auto' || choice === 'none')
        compat.changed(`tools.${index}.type`)
      else compat.refused(`tools.${index}.type`, 'the model would look it up live.')
      return []
    }
    const { external_web_access: _isLive, ...live } = tool
    return [live]
  })
}

function saysAccess(tool: unknown): tool is JsonObject {
  return isObject(tool) && tool['external_web_access'] !== undefined
}
