import { refuse } from '../provider.ts'
import { blocksOf, type ClaudeBlock, type MessageBody } from './anthropic-body.ts'
import { isOwnNote } from './anthropic-note.ts'
import type { ClaudeFamily } from './claude-families.ts'
import { checkSignature, isRedactedThinking, prefixOf, type Prefix } from './claude-thinking.ts'

const MID_SYSTEM_BETA = 'mid-conversation-system-2026-04-07'
const bad = (message: string) => refuse('bad-request', message)

/** Refuses instructions in the middle where the model has none, the beta was not asked for, or they stand wrong. */
export function checkSystemMessages(
  { messages }: MessageBody,
  { allowed, betas }: { allowed: boolean; betas: readonly string[] },
): void {
  for (const [index, { role }] of messages.entries()) {
    if (role !== 'system') continue
    if (!allowed || !betas.includes(MID_SYSTEM_BETA)) {
      bad(`messages.${index}.role: Input should be 'user' or 'assistant'`)
    }
    const before = messages[index - 1]
    const after = messages[index + 1]
    const endsInServerTool =
      before !== undefined && /tool/.test(blocksOf(before).at(-1)?.type ?? '')
    const follows = before?.role === 'user' || (before?.role === 'assistant' && endsInServerTool)
    if (!follows || (after !== undefined && after.role !== 'assistant')) {
      bad(
        `messages.${index}: a system message must follow a user turn and end the conversation or precede an assistant turn`,
      )
    }
  }
}

/** Refuses tool calls and results that do not add up, blank texts and what this version or host does not take. */
export function checkHistory(
  { messages }: MessageBody,
  { version, isHosted = false }: { version: string; isHosted?: boolean },
): void {
  if (messages[0]?.role === 'assistant') bad('messages: first message must use the "user" role')
  let open: string[] = []
  for (const [index, message] of messages.entries()) {
    const blocks = blocksOf(message)
    if (blocks.some((one) => one.type === 'text' && !/\S/.test(one.text))) {
      bad('messages: text content blocks must contain non-whitespace text')
    }
    if (isHosted) checkSources(blocks, index)
    if (version === '2026-10-21') checkNewVersion(blocks, message.role, index)
    if (message.role === 'system') continue
    checkResults(blocks, open, index)
    open = blocks.flatMap((one) => (one.type === 'tool_use' ? [one.id] : []))
    if (new Set(open).size < open.length) bad(`messages.${index}: \`tool_use\` ids must be unique`)
  }
  if (open.length > 0) bad(`messages: \`tool_use\` ids without \`tool_result\`: ${open.join(', ')}`)
}

function checkResults(
  blocks: readonly ClaudeBlock[],
  open: readonly string[],
  index: number,
): void {
  const results = blocks.flatMap((one) => (one.type === 'tool_result' ? [one.tool_use_id] : []))
  const leading = blocks.findIndex((one) => one.type !== 'tool_result')
  const missing = open.filter((id) => !results.includes(id))
  if (missing.length > 0 || (open.length > 0 && leading !== -1 && leading < results.length)) {
    bad(
      `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
    )
  }
  if (new Set(results).size < results.length) {
    bad(
      `messages.${index}: each tool_use must have a single result. Found multiple \`tool_result\` blocks.`,
    )
  }
  const orphan = results.find((id) => !open.includes(id))
  if (orphan === undefined) return
  bad(
    `messages.${index}.content: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${orphan}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
  )
}

function checkSources(blocks: readonly ClaudeBlock[], index: number): void {
  for (const one of blocks) {
    if (one.type !== 'image' && one.type !== 'document') continue
    const { type } = one.source
    if (type === 'url' || type === 'file') {
      bad(`messages.${index}.content: ${type} sources are not supported here`)
    }
  }
}

// What changed with the version of 2026-10-21, besides the sampling parameters.
function checkNewVersion(blocks: readonly ClaudeBlock[], role: string, index: number): void {
  for (const one of blocks) {
    if (role !== 'user' || one.type !== 'text' || !Array.isArray(one.citations)) continue
    if (one.citations.length > 0) bad(`messages.${index}.content: citations are not permitted here`)
  }
}

/** What thinking is bound to: the instructions, the tools, and all that was said before the answer. */
export function prefixOfMessages(
  { system = [], tools = [], messages }: Pick<MessageBody, 'system' | 'tools' | 'messages'>,
  { bindsThinking }: ClaudeFamily,
): Prefix {
  if (!bindsThinking) return ''
  const said = messages.flatMap((one) => blocksOf(one).map((block) => [one.role, block] as const))
  const end = said.findLastIndex(([role]) => role !== 'assistant') + 1
  const instructions = typeof system === 'string' ? [{ type: 'text', text: system }] : system
  const own = instructions.filter(({ text: one }) => !isOwnNote(one))
  return prefixOf(unmarked(own), unmarked(tools), unmarked(said.slice(0, end)))
}

// Cache marks move from turn to turn, and are no part of what was said.
const unmarked = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (name, member: unknown) =>
      name === 'cache_control' ? undefined : member,
    ),
  )

/** Refuses thinking that is not Claude's own, was changed, or comes from another conversation; and thinking that is missing. */
export function checkThinkingBlocks(body: MessageBody, family: ClaudeFamily): void {
  for (const [index, message] of body.messages.entries()) {
    if (message.role !== 'assistant') continue
    const prefix = prefixOfMessages({ ...body, messages: body.messages.slice(0, index) }, family)
    for (const [at, block] of blocksOf(message).entries()) {
      const place = `messages.${index}.content.${at}`
      if (block.type === 'redacted_thinking' && !isRedactedThinking(block.data)) {
        bad(`${place}: Invalid \`data\` in \`redacted_thinking\` block`)
      }
      if (block.type !== 'thinking') continue
      const verdict = checkSignature(block.signature, block.thinking, prefix)
      if (verdict === 'foreign') bad(`${place}: Invalid \`signature\` in \`thinking\` block`)
      if (verdict === 'bound') {
        bad(
          `${place}: Invalid signature in thinking block. The block is bound to a different conversation and cannot be used here.`,
        )
      }
    }
  }
  if (body.thinking?.type === 'enabled') checkThinkingIsThere(body)
}

function checkThinkingIsThere({ messages }: MessageBody): void {
  const index = messages.findLastIndex(({ role }) => role === 'assistant')
  const last = messages[index]
  const blocks = last ? blocksOf(last) : []
  const [first] = blocks
  if (!blocks.some(({ type }) => type === 'tool_use')) return
  if (first?.type === 'thinking' || first?.type === 'redacted_thinking') return
  bad(
    `messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first?.type}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks).`,
  )
}
