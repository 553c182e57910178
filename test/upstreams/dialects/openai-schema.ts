import { refuse } from '../provider.ts'

/** Refuses a schema that cannot be held to strictly: every object is closed, and every member of it is required. */
export function checkStrictSchema(schema: unknown, name: string, param: string): void {
  walk(schema, [], (path, problem) =>
    refuse(
      'bad-request',
      `Invalid schema for ${name}: In context=(${path.map((step) => `'${step}'`).join(', ')}), ${problem}`,
      { param, code: 'invalid_json_schema' },
    ),
  )
}

type Complaint = (path: readonly string[], problem: string) => never

function walk(schema: unknown, path: readonly string[], complain: Complaint): void {
  if (typeof schema !== 'object' || schema === null) return
  const { type, properties, additionalProperties, required, items, $defs } = schema as Record<
    string,
    unknown
  >
  const members = typeof properties === 'object' && properties !== null ? properties : {}
  if (type === 'object') {
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
  for (const word of ['anyOf', 'allOf', 'oneOf'] as const) {
    const choices = (schema as Record<string, unknown>)[word]
    if (Array.isArray(choices)) {
      for (const [at, one] of choices.entries()) walk(one, [...path, word, String(at)], complain)
    }
  }
}
