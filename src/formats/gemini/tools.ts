import type { ChatRequest, Tool, ToolChoice } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import { invalidRequest } from '../../core/errors.ts'
import { FREEFORM_PARAMETERS } from '../../core/freeform.ts'
import { isObject, type JsonObject } from '../../core/parse.ts'
import { encodeJsonSchema } from './json-schema.ts'
import { encodeOpenApiSchema } from './openapi-schema.ts'
import type { GeminiProfile } from './profile.ts'
import { encodeToolName, requireDistinctNames } from './tool-names.ts'

/** The functions to call, and whether to; both are left out where there are none. */
export function encodeTools(
  { tools, toolChoice, parallelToolCalls }: ChatRequest,
  profile: GeminiProfile,
  compat: Compat,
): JsonObject {
  if (tools.length === 0) return {}
  requireDistinctNames(tools)
  const offered = offeredOf(tools, toolChoice)
  const isForced = isCallForced(tools, toolChoice)
  // Only where a call is forced does Google hold it to the schema.
  if (!isForced && offered.some(({ strict }) => strict === true)) compat.changed('strict')
  if (parallelToolCalls === false) compat.changed('parallel_tool_calls')
  const config = encodeChoice(toolChoice)
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

/** Whether the answer has to be a call. */
export function isCallForced(tools: readonly Tool[], choice: ToolChoice | undefined): boolean {
  if (tools.length === 0 || choice === undefined) return false
  if (choice.kind === 'allowed') return choice.mode === 'required'
  return choice.kind === 'required' || choice.kind === 'tool'
}

/** Google restricts forced calls to some functions, and no others: those that may not be called are not offered. */
function offeredOf(tools: readonly Tool[], choice: ToolChoice | undefined): readonly Tool[] {
  if (choice?.kind !== 'allowed' && choice?.kind !== 'tool') return tools
  const names = choice.kind === 'tool' ? [choice.name] : choice.names
  const allowed = tools.filter(({ name }) => names.includes(name))
  if (allowed.length === 0) {
    throw invalidRequest('tool_choice names none of the tools.', 'tool_choice')
  }
  return choice.kind === 'allowed' && choice.mode === 'auto' ? allowed : tools
}

function encodeChoice(choice: ToolChoice | undefined): JsonObject | undefined {
  switch (choice?.kind) {
    case undefined:
    case 'auto':
      return undefined
    case 'none':
      return { mode: 'NONE' }
    case 'required':
      return { mode: 'ANY' }
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [encodeToolName(choice.name)] }
    case 'allowed':
      if (choice.mode === 'auto') return undefined
      return { mode: 'ANY', allowedFunctionNames: choice.names.map(encodeToolName) }
    default:
      return choice satisfies never
  }
}

function encodeTool(
  { name, description, parameters, isFreeform }: Tool,
  path: string,
  profile: GeminiProfile,
  compat: Compat,
): JsonObject {
  const schema = isFreeform === true ? FREEFORM_PARAMETERS : parameters
  return {
    name: encodeToolName(name),
    ...(description === undefined || description === '' ? {} : { description }),
    ...(schema === undefined ? {} : encodeParameters(schema, path, profile, compat)),
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
