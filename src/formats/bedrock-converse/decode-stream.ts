import type { ChatEvent } from '../../core/chat-events.ts'
import { GatewayError } from '../../core/errors.ts'
import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'
import type { DecodeSource, StreamDecoder } from '../../core/translation.ts'
import { answerContent, type OpenCall } from './answer-content.ts'
import { decodeEnding, type Ending, isCutOff } from './finish.ts'
import type { ConverseProfile } from './profile.ts'
import { decodeUsage } from './usage.ts'

/** What a block of the answer has been so far. */
interface OpenBlock {
  call?: OpenCall
  signature: string
  redacted: string
}

/**
 * Reads events by their types, out of their frames. The answer is whole once `messageStop` has said why it ended; usage
 * comes apart from it, in `metadata`, mostly behind it but also before.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html
 */
export function streamDecoder(
  source: DecodeSource<ConverseProfile>,
  emit: (event: ChatEvent) => void,
): StreamDecoder {
  const content = answerContent(source, emit)
  const blocks = new Map<unknown, OpenBlock>()
  let hasStarted = false
  let hasMetadata = false
  let isOver = false
  let ending: Ending | undefined

  /** Only blocks of tools say that they begin. */
  const blockAt = (index: unknown): OpenBlock => {
    const open = blocks.get(index)
    if (open !== undefined) return open
    const block: OpenBlock = { signature: '', redacted: '' }
    blocks.set(index, block)
    return block
  }
  const closeBlock = (index: unknown): void => {
    const block = blocks.get(index)
    if (block === undefined) return
    blocks.delete(index)
    content.proof('signature', block.signature)
    content.proof('encrypted', block.redacted)
    block.call?.end()
  }
  const finish = (): void => {
    if (ending === undefined || isOver) return
    isOver = true
    if (ending.kind === 'failure') {
      const { message, type } = ending
      return emit({ kind: 'error', error: { message, type } })
    }
    emit({ kind: 'finish', finish: ending.finish })
    emit({ kind: 'end' })
  }
  const readDelta = (index: unknown, delta: JsonObject): void => {
    const { text, toolUse, reasoningContent } = delta
    if (typeof text === 'string') content.text(text)
    else if (isObject(toolUse)) {
      if (typeof toolUse['input'] === 'string') blocks.get(index)?.call?.arguments(toolUse['input'])
    } else if (isObject(reasoningContent)) {
      const { text: thought, signature, redactedContent } = reasoningContent
      if (typeof thought === 'string') content.reasoning(thought)
      if (typeof signature === 'string') blockAt(index).signature += signature
      if (typeof redactedContent === 'string') blockAt(index).redacted += redactedContent
    }
  }
  const readStart = (index: unknown, start: unknown): void => {
    const toolUse = isObject(start) ? start['toolUse'] : undefined
    if (!isObject(toolUse)) return
    const { toolUseId, name, type } = toolUse
    // Tools that the provider runs itself are none of the caller's.
    if (typeof name !== 'string' || type === 'server_tool_use') return
    closeBlock(index)
    blockAt(index).call = content.openCall(toolUseId, name)
  }
  const readStop = (event: JsonObject): void => {
    for (const index of blocks.keys()) closeBlock(index)
    ending = decodeEnding(event, content.close(isCutOff(event)), source.request)
    if (hasMetadata || ending.kind === 'failure') finish()
  }
  const readMetadata = (event: JsonObject): void => {
    const usage = decodeUsage(event['usage'])
    if (usage !== undefined) emit({ kind: 'usage', usage })
    hasMetadata = true
    finish()
  }
  return {
    next({ name, data }) {
      if (isOver) return
      const event = tryParseJson(data)
      if (!isObject(event)) {
        throw new GatewayError('upstream_error', 'The provider sent an event that makes no sense.')
      }
      if (!hasStarted) {
        hasStarted = true
        emit({ kind: 'start' })
      }
      if (name === 'contentBlockDelta' && ending === undefined) {
        if (isObject(event['delta'])) readDelta(event['contentBlockIndex'], event['delta'])
      } else if (name === 'contentBlockStart' && ending === undefined) {
        readStart(event['contentBlockIndex'], event['start'])
      } else if (name === 'contentBlockStop') closeBlock(event['contentBlockIndex'])
      else if (name === 'messageStop' && ending === undefined) readStop(event)
      else if (name === 'metadata') readMetadata(event)
    },
    close: finish,
  }
}
