import type * as z from 'zod/mini'
import { type GatewayError, invalidRequest } from '../../core/errors.ts'
import type { JsonObject } from '../../core/parse.ts'

type Issue = z.core.$ZodIssue

/** The first thing that is wrong with a body, as an error that names the field and never says its value. */
export function fieldError([issue]: readonly Issue[], body: JsonObject): GatewayError {
  if (issue === undefined) return invalidRequest('The body is not valid.')
  if (issue.code === 'unrecognized_keys') {
    const [stranger = ''] = issue.keys
    const param = pathText([...issue.path, stranger.slice(0, 64)])
    return invalidRequest(`${param} is not known here. GET /openapi.json says what is.`, param)
  }
  const param = pathText(issue.path)
  const [field] = issue.path
  const isMissing = issue.path.length === 1 && !Object.hasOwn(body, String(field))
  return invalidRequest(`${param} ${isMissing ? 'is missing.' : demandOf(issue)}`, param)
}

/** `api_key_ids[0]`, as the caller would write it. */
function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`
      return index === 0 ? String(step) : `.${String(step)}`
    })
    .join('')
}

/** What the field wants. A check that is a field's own says so in the schema. */
function demandOf(issue: Issue): string {
  if (issue.code === 'invalid_type') return `must be ${ARTICLED[issue.expected] ?? 'different'}.`
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}.`
  if (issue.code === 'too_small') return `must ${sizeText('least', issue.minimum, issue.origin)}.`
  if (issue.code === 'too_big') return `must ${sizeText('most', issue.maximum, issue.origin)}.`
  if (issue.code === 'custom' || issue.code === 'invalid_format') return issue.message
  return 'is not valid.'
}

const ARTICLED: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
}

function sizeText(bound: 'least' | 'most', size: number | bigint, origin: string): string {
  if (origin === 'array') return `have at ${bound} ${size} ${size === 1 ? 'entry' : 'entries'}`
  return `be at ${bound} ${size}${origin === 'string' ? ' characters long' : ''}`
}
