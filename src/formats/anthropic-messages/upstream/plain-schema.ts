import { invalidRequest } from '../../../core/errors.ts'
import { isObject, type JsonObject } from '../../../core/parse.ts'

/**
 * A schema in the part of JSON Schema that Claude can be held to. What is outside of it is said in descriptions, where the
 * model at least reads it. The same schema always gives the same one: it is part of what reasoning is bound to.
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs
 */
export interface PlainSchema {
  readonly schema: JsonObject
  /** Nothing had to be said otherwise. */
  readonly isExact: boolean
  /** Objects whose members the schema leaves open had to be closed: what was meant to go there cannot be said any more. */
  readonly isNarrowed: boolean
}

const MAX_DEPTH = 100

const KEPT: ReadonlySet<string> = new Set([
  'type',
  'const',
  'required',
  'description',
  'title',
  'default',
])
/** Names of schemas, which say nothing about values. */
const NAMES: ReadonlySet<string> = new Set(['$schema', '$id', '$comment'])
const FORMATS: ReadonlySet<unknown> = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
])

export function plainSchema(schema: JsonObject): PlainSchema {
  let isExact = true
  let isNarrowed = false

  const plainOf = (value: unknown, depth: number): unknown => {
    if (depth > MAX_DEPTH) {
      throw invalidRequest('A JSON schema is nested too deeply.', 'response_format')
    }
    return isObject(value) ? plainObject(value, depth) : value
  }
  const plainMembers = (value: unknown, depth: number): unknown =>
    isObject(value) ? mapValues(value, (member) => plainOf(member, depth + 1)) : value
  const plainList = (value: unknown, depth: number): unknown =>
    Array.isArray(value) ? value.map((one) => plainOf(one, depth + 1)) : value

  const plainObject = (from: JsonObject, depth: number): JsonObject => {
    const to: Record<string, unknown> = {}
    const unsaid: string[] = []
    for (const [name, value] of Object.entries(from)) {
      if (name === '$defs' || name === 'definitions' || name === 'properties') {
        to[name] = plainMembers(value, depth)
      } else if (name === 'anyOf' || name === 'allOf') {
        to[name] = plainList(value, depth)
      } else if (name === 'oneOf' && !('anyOf' in from)) {
        isExact = false
        to['anyOf'] = plainList(value, depth)
      } else if (name === 'items' && isObject(value)) {
        to[name] = plainOf(value, depth + 1)
      } else if (name === 'additionalProperties') {
        if (value === false) to[name] = false
        else if (isObject(value)) unsaid.push(`${name}: ${JSON.stringify(value)}`)
      } else if (name === '$ref' || isKept(name, value)) {
        to[name] = value
      } else if (!NAMES.has(name)) {
        unsaid.push(`${name}: ${JSON.stringify(value)}`)
      }
    }
    if (isObjectSchema(from)) close(from, to)
    if (unsaid.length === 0) return to
    isExact = false
    return { ...to, description: described(from['description'], unsaid) }
  }

  const close = (from: JsonObject, to: Record<string, unknown>): void => {
    if (from['additionalProperties'] === false) return
    isExact = false
    to['additionalProperties'] = false
    const { additionalProperties: others, properties } = from
    if (others === true || isObject(others) || !isObject(properties)) isNarrowed = true
  }

  return { schema: plainObject(schema, 0), isExact, isNarrowed }
}

function isKept(name: string, value: unknown): boolean {
  if (KEPT.has(name)) return true
  if (name === 'enum')
    return Array.isArray(value) && !value.some((one) => typeof one === 'object' && one !== null)
  if (name === 'format') return FORMATS.has(value)
  return name === 'minItems' && (value === 0 || value === 1)
}

function isObjectSchema({ type, properties }: JsonObject): boolean {
  if (Array.isArray(type)) return type.includes('object')
  return type === 'object' || (type === undefined && isObject(properties))
}

function described(description: unknown, unsaid: readonly string[]): string {
  const rules = `Rules: ${unsaid.join('; ')}.`
  return typeof description === 'string' && description !== '' ? `${description}\n${rules}` : rules
}

function mapValues(object: JsonObject, change: (value: unknown) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]))
}
