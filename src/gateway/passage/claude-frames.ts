import { fromBase64 } from '../../core/encoding.ts'
import { isObject, tryParseJson } from '../../core/parse.ts'
import type { SseEvent } from '../../core/wire-format.ts'
import type { AwsEvent } from '../../streams/aws-event-stream.ts'

/** Bedrock adds its own figures to Claude's last event, under this name. */
const METRICS = 'amazon-bedrock-invocationMetrics'

const decoder = new TextDecoder()

/** The JSON of the event in a frame; undefined for a frame that carries none. */
export function claudeDataInFrame(frame: AwsEvent): string | undefined {
  if (frame.type !== 'chunk') return undefined
  const chunk = tryParseJson(frame.payload)
  if (!isObject(chunk) || typeof chunk['bytes'] !== 'string') throw new Error('bad chunk frame')
  return decoder.decode(fromBase64(chunk['bytes']))
}

/**
 * The Anthropic event that a frame of InvokeModelWithResponseStream carries: `{"bytes": "<base64 of its JSON>"}`.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_PayloadPart.html
 */
export function claudeEventInFrame(frame: AwsEvent): SseEvent | undefined {
  const data = claudeDataInFrame(frame)
  if (data === undefined) return undefined
  const event = tryParseJson(data)
  if (!isObject(event) || typeof event['type'] !== 'string') throw new Error('bad chunk event')
  if (!Object.hasOwn(event, METRICS)) return { name: event['type'], data }
  const { [METRICS]: _metrics, ...own } = event
  return { name: event['type'], data: JSON.stringify(own) }
}
