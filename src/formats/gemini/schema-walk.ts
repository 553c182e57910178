import { invalidRequest } from '../../core/errors.ts'
import { isObject, type JsonObject } from '../../core/parse.ts'

/**
 * Walking through a JSON Schema of somebody else's. References that are written out multiply, and can go round in circles: a walk
 * ends after so many nodes and so many levels, whatever the schema.
 */
export interface Walk {
  readonly root: JsonObject
  /** What holds the schema, for errors. */
  readonly path: string
  readonly budget: { nodes: number }
}

/** The way to a node. */
export interface Trail {
  /** References that were written out on it. */
  readonly refs: readonly string[]
  readonly depth: number
}

const MAX_NODES = 20_000
const MAX_DEPTH = 100

export function startWalk(root: JsonObject, path: string): { walk: Walk; trail: Trail } {
  const walk = { root, path, budget: { nodes: MAX_NODES } }
  requireShallow(walk)
  return { walk, trail: { refs: [], depth: 0 } }
}

/** The way to what is within a node. Throws where the walk would be too long. */
export function deeper({ path, budget }: Walk, { refs, depth }: Trail): Trail {
  budget.nodes--
  if (budget.nodes < 0 || depth >= MAX_DEPTH) throw tooLarge(path)
  return { refs, depth: depth + 1 }
}

function requireShallow({ root, path }: Walk): void {
  let level: readonly unknown[] = [root]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw tooLarge(path)
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    )
  }
}

function tooLarge(path: string): Error {
  return invalidRequest(`The schema in ${path} is too large, or nested too deeply.`, path)
}

/** The schema that a reference points to, such as `#/$defs/Address`. */
export function resolveRef(ref: string, { root, path }: Walk): JsonObject {
  let found: unknown = ref === '#' || ref.startsWith('#/') ? root : undefined
  for (const step of ref.split('/').slice(1)) {
    const name = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~')
    const isIn = typeof found === 'object' && found !== null && Object.hasOwn(found, name)
    found = isIn ? Reflect.get(Object(found), name) : undefined
  }
  if (isObject(found)) return found
  throw invalidRequest(`The schema in ${path} refers to what is not in it.`, path)
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step)
  } catch {
    return step
  }
}

/** The schema with that which `allOf` asks for written into it; where two ask for different things, the first holds. */
export function withoutAllOf(schema: JsonObject, walk: Walk): JsonObject {
  if (!Array.isArray(schema['allOf'])) return schema
  const seen = new Set<string>()
  const queue: unknown[] = [schema]
  let merged: JsonObject = {}
  for (let member = queue.shift(); member !== undefined; member = queue.shift()) {
    if (!isObject(member)) continue
    const { allOf, $ref, ...own } = member
    if (Array.isArray(allOf)) queue.push(...allOf)
    if (typeof $ref === 'string' && !seen.has($ref)) {
      seen.add($ref)
      queue.push(resolveRef($ref, walk))
    }
    merged = merge(merged, own)
  }
  return merged
}

function merge(first: JsonObject, second: JsonObject): JsonObject {
  const properties = [second['properties'], first['properties']].filter(isObject)
  const required = [first['required'], second['required']].filter((list) => Array.isArray(list))
  return {
    ...second,
    ...first,
    ...(properties.length === 0 ? {} : { properties: { ...properties[0], ...properties[1] } }),
    ...(required.length === 0 ? {} : { required: [...new Set<unknown>(required.flat())] }),
  }
}
