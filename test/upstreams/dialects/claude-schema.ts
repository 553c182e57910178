import { refuse } from '../provider.ts'

const UNSUPPORTED: Record<string, readonly string[]> = {
  object: ['minProperties', 'maxProperties', 'patternProperties'],
  string: ['minLength', 'maxLength', 'pattern'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  array: ['maxItems', 'uniqueItems'],
}

/** Refuses a schema with more in it than Claude can be held to. */
export function checkClaudeSchema(schema: unknown, place: string): void {
  if (typeof schema !== 'object' || schema === null) return
  if (Array.isArray(schema)) {
    for (const one of schema) checkClaudeSchema(one, place)
    return
  }
  const node = schema as Record<string, unknown>
  const type = String(node['type'])
  if (type === 'object' && node['additionalProperties'] !== false) {
    refuse(
      'bad-request',
      `${place}: For 'object' type, 'additionalProperties' must be explicitly set to false`,
    )
  }
  const wrong = (UNSUPPORTED[type] ?? []).filter((keyword) => Object.hasOwn(node, keyword))
  if (wrong.length > 0) {
    refuse(
      'bad-request',
      `${place}: For '${type}' type, properties ${wrong.join(', ')} are not supported`,
    )
  }
  if (type === 'array' && Number(node['minItems'] ?? 0) > 1) {
    refuse(
      'bad-request',
      `${place}: For 'array' type, 'minItems' values other than 0 or 1 are not supported`,
    )
  }
  if (Object.hasOwn(node, 'not')) refuse('bad-request', `${place}: 'not' is not supported`)
  for (const name of ['properties', '$defs', 'definitions']) {
    const members = node[name]
    if (typeof members !== 'object' || members === null) continue
    for (const one of Object.values(members)) checkClaudeSchema(one, place)
  }
  for (const name of ['items', 'anyOf', 'oneOf', 'allOf']) checkClaudeSchema(node[name], place)
}
