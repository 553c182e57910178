import type { ChatRequest, OutputFormat } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import type { JsonObject } from '../../core/parse.ts'
import { encodeJsonSchema } from './json-schema.ts'
import { encodeOpenApiSchema } from './openapi-schema.ts'
import type { GeminiProfile } from './profile.ts'
import { isCallForced } from './tool-choice.ts'

const JSON_TYPE = 'application/json'

/** The members of the generation config that ask for JSON. */
export function encodeOutputFormat(
  { outputFormat, tools, toolChoice }: ChatRequest,
  profile: GeminiProfile,
  compat: Compat,
): JsonObject {
  if (outputFormat === undefined) return {}
  // Google refuses both at once, and an answer that has to be a call has no other format.
  if (isCallForced(tools, toolChoice)) {
    compat.changed('response_format')
    return {}
  }
  if (tools.length > 0 && !profile.takesJsonBesideTools) {
    compat.refused('response_format', 'the model cannot have tools at the same time.')
    return {}
  }
  return { responseMimeType: JSON_TYPE, ...encodeSchema(outputFormat, profile, compat) }
}

function encodeSchema(
  format: OutputFormat,
  { schemas }: GeminiProfile,
  compat: Compat,
): JsonObject {
  if (format.kind === 'json') return {}
  const { schema, description } = format
  const described = description === undefined ? schema : { description, ...schema }
  if (schemas === 'json-schema') {
    return { responseJsonSchema: encodeJsonSchema(described, 'response_format') }
  }
  return {
    responseSchema: encodeOpenApiSchema(described, 'response_format', () =>
      compat.refused('response_format', 'the schema in it contains itself.'),
    ),
  }
}
