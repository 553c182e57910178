import { isObject, type JsonObject } from '../../../core/parse.ts'
import type { Draft, FitTarget } from './draft.ts'
import { textPart } from './encode-content.ts'
import { plainText } from './fit-content.ts'

/** A schema for the answer; where the host takes none, JSON and an instruction to keep to the schema. */
export function fitOutputFormat(body: Draft, { profile, compat }: FitTarget): void {
  const format = body['response_format']
  if (!isObject(format)) return
  if (format['type'] === 'text') {
    delete body['response_format']
    return
  }
  if (format['type'] !== 'json_schema' || profile.outputFormat === 'json-schema') return
  compat.changed('response_format', 'emulated')
  body['response_format'] = { type: 'json_object' }
  const named = isObject(format['json_schema']) ? format['json_schema'] : {}
  if (Array.isArray(body['messages'])) {
    body['messages'] = withInstruction(body['messages'], instructionOf(named))
  }
}

/** The word "json" in small letters is one that hosts look for. */
function instructionOf({ description, schema }: JsonObject): string {
  const what = typeof description === 'string' ? ` (${description})` : ''
  return (
    `Answer with json and nothing else: one JSON value${what} that is valid under this JSON Schema.\n` +
    JSON.stringify(schema ?? {})
  )
}

/** The instruction stands with the first ones, where it is the same in every turn of a conversation. */
function withInstruction(messages: readonly unknown[], text: string): unknown[] {
  const [first, ...rest] = messages
  if (!isObject(first) || (first['role'] !== 'system' && first['role'] !== 'developer')) {
    return [{ role: 'system', content: text }, ...messages]
  }
  const { content } = first
  if (Array.isArray(content)) return [{ ...first, content: [...content, textPart(text)] }, ...rest]
  return [{ ...first, content: `${plainText(content)}\n\n${text}` }, ...rest]
}
