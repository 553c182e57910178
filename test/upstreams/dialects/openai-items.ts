import { refuse } from '../provider.ts'
import { alphabets, randomText } from '../random.ts'
import { disclose, enclose } from '../seal.ts'
import type { ResponsesItem } from './openai-responses-body.ts'

/**
 * Ids of output items. Those of one answer share their middle, whose first character says whether the answer has
 * reasoning and whether it was stored: so the stand-in needs no memory.
 */
export interface ItemIds {
  next(prefix: 'msg' | 'fc' | 'rs'): string
}

const MARKS = { plain: '0', thought: 'a', 'thought-stored': 'b' } as const

/** The ids of one answer. */
export function itemIds(hasReasoning: boolean, isStored: boolean): ItemIds {
  const mark = hasReasoning ? MARKS[isStored ? 'thought-stored' : 'thought'] : MARKS.plain
  const stem = mark + randomText(45, alphabets.hex)
  let count = 0
  return {
    next(prefix) {
      count += 1
      return `${prefix}_${stem}${String(count).padStart(4, '0')}`
    },
  }
}

/** Whose models reason, and can read what they thought. */
export type ReasoningOwner = 'openai' | 'xai'

/** What OpenAI's encryption begins with: a version, and a time that will be long in coming. */
const FERNET = 'gAAAAABn'

/** Reasoning that only its owner can read. */
export const encryptReasoning = (owner: ReasoningOwner, text: string): string =>
  (owner === 'openai' ? FERNET : '') + enclose(owner, text)

const decryptReasoning = (owner: ReasoningOwner, encrypted: string): string | undefined =>
  disclose(owner, owner === 'openai' ? encrypted.replace(FERNET, '') : encrypted)

const stemOf = (id: unknown) => /^[a-z]+_([0-9a-f]{46})\d{4}$/.exec(String(id))?.[1]

/** Refuses items that do not go together: calls without results, reasoning without what it led to, or forged. */
export function checkItems(items: readonly ResponsesItem[], owner: ReasoningOwner): void {
  checkCalls(items)
  for (const [index, item] of items.entries()) {
    if (item.type === 'reasoning') checkReasoning(item, items.slice(index + 1), owner)
    else checkHasReasoning(item, items.slice(0, index))
  }
}

function checkCalls(items: readonly ResponsesItem[]): void {
  const idsOf = (...types: string[]) =>
    items.flatMap((one) =>
      'call_id' in one && types.includes(one.type) ? [String(one.call_id)] : [],
    )
  const calls = idsOf('function_call', 'custom_tool_call')
  const outputs = idsOf('function_call_output', 'custom_tool_call_output')
  const missing = calls.find((id) => !outputs.includes(id))
  if (missing !== undefined) {
    refuse('bad-request', `No tool output found for function call ${missing}.`, { param: 'input' })
  }
  for (const [index, item] of items.entries()) {
    if (item.type !== 'function_call_output') continue
    const isKnown = items
      .slice(0, index)
      .some((one) => one.type === 'function_call' && one['call_id'] === item['call_id'])
    if (isKnown) continue
    refuse(
      'bad-request',
      `No tool call found for function call output with call_id ${item['call_id']}.`,
      { param: 'input' },
    )
  }
}

type Reasoning = Extract<ResponsesItem, { type: 'reasoning' }>

function checkReasoning(
  { id, encrypted_content: encrypted }: Reasoning,
  rest: readonly ResponsesItem[],
  owner: ReasoningOwner,
): void {
  if (typeof encrypted === 'string') {
    if (decryptReasoning(owner, encrypted) === undefined) {
      refuse('bad-request', `The encrypted content for item ${id} could not be verified.`, {
        code: 'invalid_encrypted_content',
      })
    }
  } else if (stemOf(id)?.[0] !== MARKS['thought-stored']) {
    refuse(
      'not-found',
      `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`,
      { param: 'input' },
    )
  }
  const next = rest.find(({ type }) => type !== 'reasoning')
  const isAnswer =
    next !== undefined &&
    (('role' in next && next.role === 'assistant') ||
      next.type === 'function_call' ||
      next.type === 'custom_tool_call')
  if (isAnswer) return
  refuse(
    'bad-request',
    `Item '${id}' of type 'reasoning' was provided without its required following item.`,
    { param: 'input' },
  )
}

function checkHasReasoning(item: ResponsesItem, before: readonly ResponsesItem[]): void {
  const stem = 'id' in item ? stemOf(item.id) : undefined
  if (stem === undefined || stem.startsWith(MARKS.plain)) return
  if (before.some((one) => one.type === 'reasoning' && stemOf(one['id']) === stem)) return
  refuse(
    'bad-request',
    `Item '${String('id' in item && item.id)}' of type '${item.type ?? 'message'}' was provided without its required 'reasoning' item: 'rs_${stem}0001'.`,
    { param: 'input' },
  )
}
