import { refuse } from '../provider.ts'

/** Refuses a schema that cannot be held to strictly: every object is closed, and every member of it is required. */
export function checkStrictSchema(schema: unknown, name: string, param: string): void {
  const complain: Complaint = (path, problem) =>
    refuse(
      'bad-request',
      `Invalid schema for ${name}: In context=(${path.map((step) => `'${step}'`).join(', ')}), ${problem}`,
      { param, code: 'invalid_json_schema' },
    )
  const { type } = (schema ?? {}) as { type?: unknown }
  if (type !== 'object') complain([], `schema must be a JSON Schema of 'type: "object"'.`)
  walk(schema, [], complain)
}

const STRING_FORMATS = 'date-time time date duration email hostname ipv4 ipv6 uuid'.split(' ')

type Complaint = (path: readonly string[], problem: string) => never

function walk(schema: unknown, path: readonly string[], complain: Complaint): void {
  if (typeof schema !== 'object' || schema === null) return
  const { type, format, properties, additionalProperties, required, items, $defs, anyOf } =
    schema as Record<string, unknown>
  const members = typeof properties === 'object' && properties !== null ? properties : {}
  if ('$ref' in schema) {
    const siblings = Object.keys(schema).filter((word) => word !== '$ref')
    if (siblings.length > 0) complain(path, `$ref cannot have keywords {'${siblings[0]}'}.`)
    return
  }
  if (!['type', 'anyOf', 'enum', 'const'].some((word) => word in schema)) {
    complain(path, `schema must have a 'type' key.`)
  }
  if (format !== undefined && !STRING_FORMATS.includes(String(format))) {
    complain(path, `'${String(format)}' is not a valid format.`)
  }
  if (type === 'object' || (Array.isArray(type) && type.includes('object'))) {
    if (additionalProperties !== false) {
      complain(path, `'additionalProperties' is required to be supplied and to be false.`)
    }
    const missing = Object.keys(members).filter(
      (name) => !Array.isArray(required) || !required.includes(name),
    )
    if (missing.length > 0) {
      complain(
        path,
        `'required' is required to be supplied and to be an array including every key in properties. Missing '${missing[0]}'.`,
      )
    }
  }
  for (const [name, one] of Object.entries(members)) {
    walk(one, [...path, 'properties', name], complain)
  }
  walk(items, [...path, 'items'], complain)
  for (const [name, one] of Object.entries((typeof $defs === 'object' && $defs) || {})) {
    walk(one, [...path, '$defs', name], complain)
  }
  const unknown = ['allOf', 'oneOf', 'not', 'if', 'default'].find((word) =>
    Object.hasOwn(schema, word),
  )
  if (unknown !== undefined) complain(path, `'${unknown}' is not permitted.`)
  if (!Array.isArray(anyOf)) return
  for (const [at, one] of anyOf.entries()) walk(one, [...path, 'anyOf', String(at)], complain)
}
