import type { MemberEdits } from '../core/json-members.ts'
import { isObject, type JsonObject } from '../core/parse.ts'
import { noteEdits } from '../formats/anthropic-messages/attribution-note.ts'
import { foldSystemTurns } from '../formats/anthropic-messages/fold-system-turns.ts'
import { withoutForeignThinking } from '../formats/anthropic-messages/foreign-thinking.ts'
import { refuseThread } from '../formats/anthropic-messages/threads.ts'
import { type Betas, NO_BETAS } from './claude-betas.ts'
import { type ClaudeHost, claudeProfile } from './models/claude.ts'
import type { ServiceCall } from './provider.ts'

/**
 * What each host of Claude needs changed in a Messages body: Anthropic itself, Foundry, Vertex AI, Bedrock.
 * https://platform.claude.com/docs/en/build-with-claude/claude-on-amazon-bedrock
 * https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai
 */

/** Members that Bedrock and Vertex do not know and an answer can do without, and what they are where they say nothing. */
const HINTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['diagnostics', undefined],
  ['service_tier', 'auto'],
  ['speed', 'standard'],
  // What is left of it here is null: see `refuseThread`.
  ['thread', null],
])

/**
 * What has to change in a caller's Messages body before a host takes it. No more than that: where the host is Anthropic,
 * and for bodies that have nothing of the kind, nothing. What an answer cannot do without is left for the host to refuse, but
 * for threads: those are refused in words that Anthropic's SDK understands. Flags and members that are left out are reported.
 */
export function hostedClaudeEdits(
  host: ClaudeHost,
  { model, body, compat }: Pick<ServiceCall, 'model' | 'body' | 'compat'>,
  betas: Betas = NO_BETAS,
): Required<Pick<MemberEdits, 'set' | 'remove'>> {
  const set: Record<string, unknown> = {}
  const remove: string[] = []
  for (const flag of betas.dropped) compat.changed(`anthropic-beta.${flag}`)
  if (host !== 'anthropic') refuseThread(body)
  const own = withoutForeignThinking(body)
  if (own !== undefined) {
    set['messages'] = own.messages
    const { thinking } = body
    if (own.forbidsBudget && isObject(thinking) && thinking['type'] === 'enabled') {
      set['thinking'] = { type: 'disabled' }
      compat.changed('thinking', 'disabled')
    }
  }
  if (!claudeProfile(model, host).hasSystemTurns) {
    const folded = foldSystemTurns({ messages: set['messages'] ?? body['messages'] }, compat)
    if (folded !== undefined) set['messages'] = folded
  }
  if (host === 'anthropic') return { set, remove }

  const unnoted = noteEdits(body)
  Object.assign(set, unnoted.set)
  remove.push(...unnoted.remove)
  if (host === 'foundry') return { set, remove }

  const drop = (name: string, isSaid: boolean): void => {
    remove.push(name)
    if (isSaid) compat.changed(name)
  }
  for (const name of ['tools', 'system', 'messages'].filter((one) => !remove.includes(one))) {
    const from = set[name] ?? body[name]
    const plain = withoutScopes(from)
    if (plain !== from) set[name] = plain
  }
  // Caching by itself is Anthropic's; a mark at the end of the conversation does the same.
  if (body['cache_control'] !== undefined) {
    const marked = markedAtEnd(body, set['messages'] ?? body['messages'])
    if (marked !== undefined) set['messages'] = marked
    drop('cache_control', marked === undefined && body['cache_control'] !== null)
  }
  // The name that output_config.format had before.
  if (body['output_format'] !== undefined) {
    const { output_format: format, output_config: config } = body
    if (isObject(format)) set['output_config'] = { format, ...(isObject(config) ? config : {}) }
    drop('output_format', false)
  }
  const isManaged = betas.kept.includes('context-management-2025-06-27')
  if (body['context_management'] !== undefined && !isManaged) {
    drop('context_management', body['context_management'] !== null)
  }
  for (const [name, silent] of HINTS) {
    const value = body[name]
    if (value !== undefined) drop(name, value !== null && value !== silent)
  }
  return { set, remove }
}

/** How deep blocks with marks can be: content, a tool's result, and what is in it. */
const MAX_DEPTH = 6

/** The same without `scope` in any `cache_control`; itself where there is none. Blocks' own data is not looked into. */
function withoutScopes(value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH) return value
  if (Array.isArray(value)) {
    const list = value.map((item: unknown) => withoutScopes(item, depth + 1))
    return list.some((item, index) => item !== value[index]) ? list : value
  }
  if (!isObject(value)) return value
  const { cache_control: mark, content } = value
  const hasScope = isObject(mark) && Object.hasOwn(mark, 'scope')
  const plain = Array.isArray(content) ? withoutScopes(content, depth + 1) : content
  if (!hasScope && plain === content) return value
  const { scope: _scope, ...rest } = hasScope ? mark : {}
  return {
    ...value,
    ...(hasScope ? { cache_control: rest } : {}),
    ...(plain === content ? {} : { content: plain }),
  }
}

const MAX_MARKS = 4

/** The messages with the body's own mark at their end; undefined where they cannot take it. */
function markedAtEnd(body: JsonObject, messages: unknown): readonly unknown[] | undefined {
  const { cache_control: mark, tools, system } = body
  if (!isObject(mark) || !Array.isArray(messages)) return undefined
  const last: unknown = messages.at(-1)
  if (!isObject(last)) return undefined
  const { content } = last
  const blocks: unknown = typeof content === 'string' ? [{ type: 'text', text: content }] : content
  const block: unknown = Array.isArray(blocks) ? blocks.at(-1) : undefined
  if (!Array.isArray(blocks) || !isObject(block) || String(block['type']).endsWith('thinking')) {
    return undefined
  }
  if (isObject(block['cache_control'])) return messages
  if (countMarks([tools, system, messages]) >= MAX_MARKS) return undefined
  const { scope: _scope, ...plain } = mark
  const marked = { ...last, content: [...blocks.slice(0, -1), { ...block, cache_control: plain }] }
  return [...messages.slice(0, -1), marked]
}

function countMarks(value: unknown, depth = 0): number {
  if (depth > MAX_DEPTH) return 0
  if (Array.isArray(value)) {
    return value.reduce((sum: number, item: unknown) => sum + countMarks(item, depth + 1), 0)
  }
  if (!isObject(value)) return 0
  return (isObject(value['cache_control']) ? 1 : 0) + countMarks(value['content'], depth + 1)
}
