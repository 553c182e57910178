import type { ChatEvent } from '../../../core/chat-events.ts'
import { isObject, type JsonObject } from '../../../core/parse.ts'
import type { DecodeSource } from '../../../core/translation.ts'
import { type ClaudeCounts, mergeCounts, readCounts, usageOf } from '../decode-usage.ts'
import { decodeError } from '../error.ts'
import type { ClaudeProfile } from '../profile.ts'
import { answerWriter } from './answer-writer.ts'
import { decodeFinish, refusalOf } from './decode-finish.ts'
import { planOutput } from './encode-output-format.ts'

/** An event that has been parsed; `type` says which. */
export type ClaudeEvent = JsonObject

const NO_COUNTS: ClaudeCounts = readCounts(undefined)

/**
 * Reads the events of an answer: those of a stream, or those that a whole answer would have come in. Events and blocks
 * that are not known, such as the provider's own tools, are passed over.
 * https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export function claudeEventReader(
  { request, profile }: Pick<DecodeSource<ClaudeProfile>, 'request' | 'profile'>,
  emit: (event: ChatEvent) => void,
): (type: string, event: ClaudeEvent) => void {
  const plan = planOutput(request, profile)
  const writer = answerWriter(request.tools, plan.kind === 'tool' ? plan.name : undefined, emit)
  let counts = NO_COUNTS
  let stop: JsonObject = {}
  let hasStarted = false
  let isOver = false

  const start = ({ message }: ClaudeEvent): void => {
    const from = isObject(message) ? message : {}
    // Another one comes where another model took over: what the first one used is not counted to the answer.
    counts = readCounts(from['usage'])
    const usage = usageOf(counts)
    if (hasStarted) {
      if (usage !== undefined) emit({ kind: 'usage', usage })
      return
    }
    hasStarted = true
    const { id, model } = from
    emit({
      kind: 'start',
      ...(typeof id === 'string' ? { id } : {}),
      ...(typeof model === 'string' ? { model } : {}),
      ...(usage === undefined ? {} : { usage }),
    })
  }
  const update = ({ delta, usage }: ClaudeEvent): void => {
    if (isObject(delta) && typeof delta['stop_reason'] === 'string') stop = delta
    if (!isObject(usage)) return
    counts = mergeCounts(counts, readCounts(usage))
    const known = usageOf(counts)
    if (known !== undefined) emit({ kind: 'usage', usage: known })
  }
  const end = (): void => {
    const hasCalls = writer.end(stop['stop_reason'])
    const refusal = refusalOf(stop)
    if (refusal !== '') emit({ kind: 'refusal', text: refusal })
    emit({ kind: 'finish', finish: decodeFinish(stop, hasCalls) })
    emit({ kind: 'end' })
    isOver = true
  }
  const fail = (event: ClaudeEvent): void => {
    emit({ kind: 'error', error: decodeError(event) ?? { message: 'It did not say why.' } })
    isOver = true
  }

  return (type, event) => {
    if (isOver) return
    if (type === 'content_block_delta') return writer.delta(event)
    switch (type) {
      case 'message_start':
        return start(event)
      case 'content_block_start':
        if (!hasStarted) start(event)
        return writer.open(event)
      case 'content_block_stop':
        return writer.close(event)
      case 'message_delta':
        return update(event)
      case 'message_stop':
        return end()
      case 'ping':
        if (hasStarted) emit({ kind: 'ping' })
        return
      case 'error':
        return fail(event)
      default:
    }
  }
}
