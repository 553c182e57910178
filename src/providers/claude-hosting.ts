import type { MemberEdits } from '../core/json-members.ts'
import { isObject, type JsonObject } from '../core/parse.ts'
import { foldSystemTurns } from '../formats/anthropic-messages/fold-system-turns.ts'
import { withoutForeignThinking } from '../formats/anthropic-messages/foreign-thinking.ts'
import { refuseThread } from '../formats/anthropic-messages/threads.ts'
import { type ClaudeHost, claudeProfile } from './models/claude.ts'
import type { ServiceCall } from './provider.ts'

/**
 * What Amazon's and Google's hosting of Claude asks for, beside Anthropic's own Messages body.
 * https://platform.claude.com/docs/en/build-with-claude/claude-on-amazon-bedrock
 * https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai
 */

/** Beta flags that Bedrock knows. One that it does not know fails the whole request. */
const BEDROCK_BETAS: ReadonlySet<string> = new Set([
  'compact-2026-01-12',
  'computer-use-2024-10-22',
  'computer-use-2025-01-24',
  'computer-use-2025-11-24',
  'context-1m-2025-08-07',
  'context-management-2025-06-27',
  'dev-full-thinking-2025-05-14',
  'effort-2025-11-24',
  'fine-grained-tool-streaming-2025-05-14',
  'interleaved-thinking-2025-05-14',
  'mcp-client-2025-04-04',
  'mcp-client-2025-11-20',
  'model-context-window-exceeded-2025-08-26',
  'output-128k-2025-02-19',
  'pdfs-2024-09-25',
  'search-results-2025-06-09',
  'thinking-binding-controls-2026-08-01',
  'thinking-display-updates-2026-08-18',
  'token-counting-2024-11-01',
  'token-efficient-tools-2025-02-19',
  'tool-examples-2025-10-29',
  'tool-search-tool-2025-10-19',
  'web-search-2025-03-05',
])

/** Those that Vertex knows; it refuses others likewise. */
const VERTEX_BETAS: ReadonlySet<string> = new Set([
  'compact-2026-01-12',
  'compact-2026-09-04',
  'computer-use-2025-01-24',
  'computer-use-2025-11-24',
  'context-1m-2025-08-07',
  'context-management-2025-06-27',
  'interleaved-thinking-2025-05-14',
  'per-turn-control-2026-07-01',
  'thinking-binding-controls-2026-08-01',
  'thinking-display-updates-2026-08-18',
  'tool-search-tool-2025-10-19',
  'web-search-2025-03-05',
])

/** Those of them that are refused where tokens are counted: https://github.com/anthropics/claude-code/issues/12429 */
const NOT_FOR_COUNTING: ReadonlySet<string> = new Set(['web-search-2025-03-05'])

/** Flags that both know under another name. */
const ALIASES: Readonly<Record<string, string>> = {
  'advanced-tool-use-2025-11-20': 'tool-search-tool-2025-10-19',
}

export interface Betas {
  readonly kept: readonly string[]
  readonly dropped: readonly string[]
}

/** The caller's `anthropic-beta` flags, split into those that Bedrock takes and those that it would refuse. */
export function bedrockBetas(header: string | null): Betas {
  return splitBetas(header, (flag) => BEDROCK_BETAS.has(flag))
}

/** The same for Vertex, for an answer or for a count of tokens. */
export function vertexBetas(header: string | null, isCounting = false): Betas {
  return splitBetas(
    header,
    (flag) => VERTEX_BETAS.has(flag) && !(isCounting && NOT_FOR_COUNTING.has(flag)),
  )
}

function splitBetas(header: string | null, isKnown: (flag: string) => boolean): Betas {
  const flags = (header ?? '')
    .split(',')
    .map((flag) => flag.trim())
    .filter((flag) => flag !== '')
    .map((flag) => (Object.hasOwn(ALIASES, flag) ? (ALIASES[flag] ?? flag) : flag))
  const unique = [...new Set(flags)]
  return {
    kept: unique.filter((flag) => isKnown(flag)),
    dropped: unique.filter((flag) => !isKnown(flag)),
  }
}

export interface HostedModel {
  readonly host: ClaudeHost
  /** The host's own id of it. */
  readonly model: string
  /** The flags that go along. */
  readonly betas: readonly string[]
}

export interface HostedBody {
  readonly edits: MemberEdits
  /** What the model will not hear of, as `name:what`. */
  readonly warnings: readonly string[]
}

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
 * for threads: those are refused in words that Anthropic's SDK understands.
 */
export function hostedClaudeBody(body: JsonObject, hosted: HostedModel): HostedBody {
  const set: Record<string, unknown> = {}
  const remove: string[] = []
  const warnings: string[] = []
  const { host, model, betas } = hosted
  if (host !== 'anthropic') refuseThread(body)
  const own = withoutForeignThinking(body)
  if (own !== undefined) {
    set['messages'] = own.messages
    const { thinking } = body
    if (own.forbidsBudget && isObject(thinking) && thinking['type'] === 'enabled') {
      set['thinking'] = { type: 'disabled' }
      warnings.push('thinking:disabled')
    }
  }
  if (!claudeProfile(model, host).hasSystemTurns) {
    const folded = foldSystemTurns({ messages: set['messages'] ?? body['messages'] })
    if (folded !== undefined) set['messages'] = folded
  }
  if (host === 'anthropic' || host === 'foundry') return { edits: { set, remove }, warnings }

  const drop = (name: string, isSaid: boolean): void => {
    remove.push(name)
    if (isSaid) warnings.push(`${name}:dropped`)
  }
  for (const name of ['tools', 'system', 'messages']) {
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
  const isManaged = betas.includes('context-management-2025-06-27')
  if (body['context_management'] !== undefined && !isManaged) {
    drop('context_management', body['context_management'] !== null)
  }
  for (const [name, silent] of HINTS) {
    const value = body[name]
    if (value !== undefined) drop(name, value !== null && value !== silent)
  }
  return { edits: { set, remove }, warnings }
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

/** The edits of a Messages body that a host asks for, told to the caller where they lose something. */
export function hostedClaudeEdits(
  host: ClaudeHost,
  { model, body, warn }: Pick<ServiceCall, 'model' | 'body' | 'warn'>,
  betas: Betas = NO_BETAS,
): MemberEdits {
  for (const flag of betas.dropped) warn(`anthropic-beta.${flag}:dropped`)
  const { edits, warnings } = hostedClaudeBody(body, { host, model, betas: betas.kept })
  for (const warning of warnings) warn(warning)
  return edits
}

const NO_BETAS: Betas = { kept: [], dropped: [] }
