type Schema = Record<string, unknown>

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A value that fits a JSON Schema: always the same one, with text that is not ASCII in it. */
export function sampleOf(schema: unknown): unknown {
  return sample(schema, { root: schema, depth: 0 })
}

interface Place {
  root: unknown
  depth: number
}

function sample(schema: unknown, place: Place): unknown {
  if (!isObject(schema) || place.depth > 12) return {}
  const inner = { ...place, depth: place.depth + 1 }
  const { $ref: ref, anyOf, oneOf, allOf, enum: allowed } = schema
  if (typeof ref === 'string') return sample(resolve(ref, place.root), inner)
  if (Object.hasOwn(schema, 'const')) return schema['const']
  if (Array.isArray(allowed)) return allowed[0]
  for (const choice of [anyOf, oneOf]) if (Array.isArray(choice)) return sample(choice[0], inner)
  if (Array.isArray(allOf)) {
    return Object.assign({}, ...allOf.map((one) => sample(one, inner))) as unknown
  }
  return byType(schema, inner)
}

function byType(schema: Schema, place: Place): unknown {
  const given: unknown = Array.isArray(schema['type']) ? schema['type'][0] : schema['type']
  // Google's classic schemas write types in capitals.
  switch (typeof given === 'string' ? given.toLowerCase() : '') {
    case 'string':
      return 'Grüße 🗝️'
    case 'integer':
      return 42
    case 'number':
      return 1.5
    case 'boolean':
      return true
    case 'null':
      return null
    case 'array':
      return [sample(schema['items'], place)]
    default:
      return Object.fromEntries(
        Object.entries(isObject(schema['properties']) ? schema['properties'] : {}).map(
          ([name, one]) => [name, sample(one, place)],
        ),
      )
  }
}

function resolve(ref: string, root: unknown): unknown {
  let found = root
  for (const name of ref.replace(/^#\/?/, '').split('/').filter(Boolean)) {
    found = isObject(found) ? found[name] : undefined
  }
  return found
}

/** The last JSON Schema of an object that a text holds: how a model is told of one that its API does not take. */
export function schemaIn(text: string): unknown {
  let found: unknown
  for (let from = text.indexOf('{'); from !== -1; from = text.indexOf('{', from + 1)) {
    const end = endOfObject(text, from)
    if (end === undefined) continue
    try {
      const value: unknown = JSON.parse(text.slice(from, end))
      if (isObject(value) && (value['type'] === 'object' || isObject(value['properties']))) {
        found = value
      }
      from = end - 1
    } catch {}
  }
  return found
}

function endOfObject(text: string, from: number): number | undefined {
  let depth = 0
  let isQuoted = false
  for (let at = from; at < text.length; at += 1) {
    const character = text[at]
    if (isQuoted) {
      if (character === '\\') at += 1
      else if (character === '"') isQuoted = false
    } else if (character === '"') isQuoted = true
    else if (character === '{') depth += 1
    else if (character === '}') {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return undefined
}
