import type { JsonObject } from '../../core/parse.ts'

/** Keywords that tell a model nothing. */
export const MUTE_KEYWORDS: ReadonlySet<string> = new Set([
  '$comment',
  '$dynamicAnchor',
  '$schema',
  '$vocabulary',
  'deprecated',
  'readOnly',
  'writeOnly',
])

export type Hint = readonly [keyword: string, value: unknown]

/** A description that tells as well what the schema cannot say to Google, so that the model still reads it. */
export function describe(description: unknown, hints: readonly Hint[]): string | undefined {
  const text = typeof description === 'string' ? description : ''
  if (hints.length === 0) return text === '' ? undefined : text
  const told = hints.map(([keyword, value]) => `${keyword}: ${JSON.stringify(value)}`).join('; ')
  return text === '' ? `(${told})` : `${text} (${told})`
}

/** The values that `enum` or `const` leave, and whether null is one of them. */
export function valuesOf(
  schema: JsonObject,
): { readonly values: readonly unknown[]; readonly isNullable: boolean } | undefined {
  const listed = 'const' in schema ? [schema['const']] : schema['enum']
  if (!Array.isArray(listed)) return undefined
  const values: readonly unknown[] = listed.filter((value) => value !== null)
  return { values, isNullable: values.length < listed.length }
}

export function typesOf({ type }: JsonObject): readonly unknown[] {
  if (Array.isArray(type)) return type
  return type === undefined ? [] : [type]
}
