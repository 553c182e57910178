import { memberReader } from '../../core/json-members.ts'
import { isObject, tryParseJson } from '../../core/parse.ts'
import { type ToldUsage, toldUsage } from '../../core/told-usage.ts'
import type { StreamDialect } from '../../core/wire-format.ts'
import { anthropicStream } from '../../formats/anthropic-messages/stream.ts'
import { decodeUsage as decodeConverseUsage } from '../../formats/bedrock-converse/usage.ts'
import { awsFrameReader } from '../../streams/aws-event-stream.ts'
import { sseReader } from '../../streams/sse.ts'
import { claudeEventInFrame } from './claude-frames.ts'

/** Who hears a native answer for the tokens that it tells of. */
export interface UsageEar {
  hear(bytes: Uint8Array): void
  /** The answer is over. */
  close(): void
}

/** A whole answer that is larger tells of its tokens where nobody looks. */
const MAX_WHOLE_BYTES = 4 * 1024 * 1024

/** For an answer of this type, in the provider's own protocol; undefined where nothing is to be heard. */
export function usageEar(
  contentType: string,
  dialect: StreamDialect,
  tell: (told: ToldUsage | undefined) => void,
): UsageEar | undefined {
  if (/^text\/event-stream\b/i.test(contentType)) {
    const told = dialect.usageReader()
    return { hear: sseReader((event) => tell(told(event))), close: () => undefined }
  }
  if (/^application\/vnd\.amazon\.eventstream\b/i.test(contentType)) return frameEar(tell)
  return /\bjson\b/i.test(contentType) ? wholeEar(dialect, tell) : undefined
}

/** Claude's events are in frames of one type, Converse tells its tokens in a frame of its own. */
function frameEar(tell: (told: ToldUsage | undefined) => void): UsageEar {
  const told = anthropicStream.usageReader()
  const frames = awsFrameReader((frame) => {
    if (frame.type === 'chunk') {
      const event = claudeEventInFrame(frame)
      tell(event && told(event))
    } else if (frame.type === 'metadata') {
      const metadata = tryParseJson(frame.payload)
      if (isObject(metadata)) tell(toldUsage(decodeConverseUsage(metadata['usage']), undefined))
    }
  })
  return { hear: (bytes) => frames.read(bytes), close: () => undefined }
}

function wholeEar(dialect: StreamDialect, tell: (told: ToldUsage | undefined) => void): UsageEar {
  const decoder = new TextDecoder()
  let text: string | undefined = ''
  return {
    hear(bytes) {
      if (text === undefined) return
      text =
        text.length > MAX_WHOLE_BYTES ? undefined : text + decoder.decode(bytes, { stream: true })
    },
    close() {
      if (text !== undefined) tell(usageInAnswer(text, dialect))
    },
  }
}

/** A provider with several protocols is known by the names of its counts. */
function usageInAnswer(text: string, dialect: StreamDialect): ToldUsage {
  const textOf = memberReader(text)
  const member = (name: string): unknown => tryParseJson(textOf(name) ?? 'null')
  const usage = member('usage')
  if (isObject(usage) && Object.hasOwn(usage, 'inputTokens')) {
    return toldUsage(decodeConverseUsage(usage), undefined)
  }
  const told = dialect.usageOfAnswer(member)
  return told.usage === undefined ? anthropicStream.usageOfAnswer(member) : told
}
