import type { Tool } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import { invalidRequest } from '../../core/errors.ts'
import { asFunctionTool } from '../../core/freeform.ts'
import type { JsonObject } from '../../core/parse.ts'
import { plainName } from '../../core/plain-name.ts'
import { cachePoints } from './cache-points.ts'
import { MAX_TOOL_NAME } from './calls.ts'
import type { ConverseProfile } from './profile.ts'
import { isStrictSchema } from './strict-schema.ts'
import type { CachePoint, ToolSpec } from './wire.ts'

interface ToolTarget {
  readonly profile: Pick<ConverseProfile, 'tools' | 'caching'>
  readonly compat: Compat
}

/** A tool's declaration, and a point behind it where it is to be cached. */
export function encodeTool(given: Tool, target: ToolTarget): (ToolSpec | CachePoint)[] {
  const tool = asFunctionTool(given, target.compat)
  const { name, description = '', cache } = tool
  const json = schemaOf(tool)
  const toolSpec: ToolSpec['toolSpec'] = {
    name: plainName(name, MAX_TOOL_NAME),
    ...(description.trim() === '' ? {} : { description }),
    inputSchema: { json },
    ...(isStrict(tool, json, target) ? { strict: true } : {}),
  }
  return [{ toolSpec }, ...cachePoints(cache, 'tools', target)]
}

/** The caller's schema, untouched but for its outermost type, which must be there. */
function schemaOf({ parameters }: Tool): JsonObject {
  if (parameters === undefined) return { type: 'object', properties: {} }
  const { type } = parameters
  if (type === 'object') return parameters
  if (type === undefined || (Array.isArray(type) && type.includes('object'))) {
    return { ...parameters, type: 'object' }
  }
  throw invalidRequest('The parameters of a tool must be of type object.', 'tools')
}

function isStrict(
  { strict = false }: Tool,
  schema: JsonObject,
  { profile, compat }: ToolTarget,
): boolean {
  if (!strict) return false
  if (profile.tools.hasStrict && isStrictSchema(schema)) return true
  compat.changed('strict')
  return false
}
