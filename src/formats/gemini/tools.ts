import type { ChatRequest, Tool } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import { asFunctionTool } from '../../core/freeform.ts'
import { isObject, type JsonObject } from '../../core/parse.ts'
import { encodeJsonSchema } from './json-schema.ts'
import { encodeOpenApiSchema } from './openapi-schema.ts'
import type { GeminiProfile } from './profile.ts'
import { encodeToolChoice, isCallForced } from './tool-choice.ts'
import { encodeToolName, requireDistinctNames } from './tool-names.ts'

/** The functions to call, and whether to; both are left out where there are none. */
export function encodeTools(
  { tools, toolChoice, parallelToolCalls }: ChatRequest,
  profile: GeminiProfile,
  compat: Compat,
): JsonObject {
  if (tools.length === 0) return {}
  requireDistinctNames(tools)
  const { offered, config } = encodeToolChoice(tools, toolChoice)
  // Only where a call is forced does Google hold it to the schema.
  if (!isCallForced(tools, toolChoice) && offered.some(({ strict }) => strict === true)) {
    compat.changed('strict')
  }
  if (parallelToolCalls === false) compat.changed('parallel_tool_calls')
  return {
    tools: [
      {
        functionDeclarations: offered.map((tool) =>
          encodeTool(tool, `tools.${tools.indexOf(tool)}`, profile, compat),
        ),
      },
    ],
    ...(config === undefined ? {} : { toolConfig: { functionCallingConfig: config } }),
  }
}

function encodeTool(tool: Tool, path: string, profile: GeminiProfile, compat: Compat): JsonObject {
  const { name, description, parameters } = asFunctionTool(tool, compat)
  return {
    name: encodeToolName(name),
    ...(description === undefined || description === '' ? {} : { description }),
    ...(parameters === undefined ? {} : encodeParameters(parameters, path, profile, compat)),
  }
}

function encodeParameters(
  schema: JsonObject,
  path: string,
  { schemas }: GeminiProfile,
  compat: Compat,
): JsonObject {
  if (schemas === 'json-schema') {
    const parametersJsonSchema = { type: 'object', ...encodeJsonSchema(schema, path) }
    return isEmpty(parametersJsonSchema) ? {} : { parametersJsonSchema }
  }
  const parameters = encodeOpenApiSchema(schema, path, () =>
    compat.refused('tools', 'a schema in it contains itself.'),
  )
  return isObject(parameters['properties']) ? { parameters: { type: 'OBJECT', ...parameters } } : {}
}

/** A function without parameters must not say so. */
function isEmpty(schema: JsonObject): boolean {
  const { properties = {}, additionalProperties = false } = schema
  if (additionalProperties !== false || !isObject(properties)) return false
  const others = Object.keys(schema).filter((keyword) => !WITHOUT_EFFECT.has(keyword))
  return Object.keys(properties).length === 0 && others.length === 0
}

const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  '$defs',
  'additionalProperties',
  'description',
  'properties',
  'required',
  'title',
  'type',
])
