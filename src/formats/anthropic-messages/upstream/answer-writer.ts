import type { ChatEvent } from '../../../core/chat-events.ts'
import type { Tool } from '../../../core/chat.ts'
import { isObject, type JsonObject } from '../../../core/parse.ts'
import { callersNames } from './tool-names.ts'

/** Turns blocks of content, as they come, into events; each method takes the event of its name. */
export interface AnswerWriter {
  open(event: JsonObject): void
  delta(event: JsonObject): void
  close(event: JsonObject): void
  /** Ends the content; says whether the caller's tools were called. */
  end(stopReason: unknown): boolean
}

interface OpenCall {
  /** Its number among the calls; undefined for the one whose input is the answer. */
  readonly call?: number
  /** What some send with the beginning; pieces that follow take its place. */
  readonly input: unknown
  hasArguments: boolean
}

/** Reasons for which an answer ends before its time, perhaps amid a call. */
const CUT_OFF: ReadonlySet<unknown> = new Set([
  'max_tokens',
  'model_context_window_exceeded',
  'refusal',
])

/** `answerTool` is called instead of saying the answer: its input is passed on as the text, in place of all other text. */
export function answerWriter(
  tools: readonly Tool[],
  answerTool: string | undefined,
  emit: (event: ChatEvent) => void,
): AnswerWriter {
  const nameOf = callersNames(tools)
  const calls = new Map<unknown, OpenCall>()
  const signatures = new Map<unknown, string>()
  let callCount = 0
  let isAnswerGiven = false
  let heldText = ''
  let bareCall: OpenCall | undefined

  const write = (text: unknown): void => {
    if (typeof text !== 'string' || text === '') return
    if (answerTool === undefined) emit({ kind: 'text', text })
    else if (!isAnswerGiven) heldText += text
  }
  const writeHeld = (): void => {
    if (heldText !== '') emit({ kind: 'text', text: heldText })
    heldText = ''
  }
  const think = (text: unknown): void => {
    if (typeof text === 'string' && text !== '') emit({ kind: 'reasoning', text })
  }
  const begin = (index: unknown, { id, name, input }: JsonObject): void => {
    if (typeof name !== 'string') return
    if (name === answerTool) {
      if (!isAnswerGiven) calls.set(index, { input, hasArguments: false })
      isAnswerGiven = true
      heldText = ''
      return
    }
    writeHeld()
    const call = callCount++
    calls.set(index, { call, input, hasArguments: false })
    emit({ kind: 'tool-call', call, id: typeof id === 'string' ? id : '', name: nameOf(name) })
  }
  const pass = (open: OpenCall, text: string): void => {
    open.hasArguments = true
    if (open.call === undefined) emit({ kind: 'text', text })
    else emit({ kind: 'tool-arguments', call: open.call, text })
  }
  const finish = ({ call }: OpenCall): void => {
    if (call !== undefined) emit({ kind: 'tool-call-end', call })
  }
  // A call without arguments comes without any text, and so does one that was cut off early: what follows tells.
  const settleBareCall = (isCutOff: boolean): void => {
    if (bareCall === undefined) return
    if (!isCutOff) pass(bareCall, '{}')
    finish(bareCall)
    bareCall = undefined
  }
  const closeThought = (index: unknown): void => {
    const value = signatures.get(index)
    if (value === undefined) return
    signatures.delete(index)
    if (value === '') return
    emit({ kind: 'reasoning-proof', proof: { family: 'claude', kind: 'signature', value } })
  }
  const closeCall = (index: unknown): void => {
    const open = calls.get(index)
    if (open === undefined) return
    calls.delete(index)
    if (!open.hasArguments && isObject(open.input) && Object.keys(open.input).length > 0) {
      pass(open, JSON.stringify(open.input))
    }
    if (open.hasArguments) finish(open)
    else bareCall = open
  }

  return {
    open({ index, content_block: block }) {
      settleBareCall(false)
      if (!isObject(block)) return
      switch (block['type']) {
        case 'text':
          return write(block['text'])
        case 'thinking':
          think(block['thinking'])
          signatures.set(index, typeof block['signature'] === 'string' ? block['signature'] : '')
          return
        case 'redacted_thinking': {
          const { data: value } = block
          if (typeof value !== 'string') return
          emit({ kind: 'reasoning-proof', proof: { family: 'claude', kind: 'encrypted', value } })
          return
        }
        case 'tool_use':
          return begin(index, block)
        default:
      }
    },
    delta({ index, delta }) {
      if (!isObject(delta)) return
      switch (delta['type']) {
        case 'text_delta':
          return write(delta['text'])
        case 'thinking_delta':
          return think(delta['thinking'])
        case 'signature_delta':
          if (typeof delta['signature'] === 'string') signatures.set(index, delta['signature'])
          return
        case 'input_json_delta': {
          const open = calls.get(index)
          const { partial_json: text } = delta
          if (open !== undefined && typeof text === 'string' && text !== '') pass(open, text)
          return
        }
        default:
      }
    },
    close({ index }) {
      closeThought(index)
      closeCall(index)
    },
    end(stopReason) {
      for (const index of signatures.keys()) closeThought(index)
      for (const index of calls.keys()) {
        settleBareCall(false)
        closeCall(index)
      }
      settleBareCall(CUT_OFF.has(stopReason))
      if (!isAnswerGiven) writeHeld()
      return callCount > 0
    },
  }
}
