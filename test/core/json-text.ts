import * as fc from 'fast-check'

/** JSON objects as text, written as no serializer would: odd white space, escapes, long numbers. */

const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/)

/** A string literal in which any character may be escaped. */
const stringLiteral = (value: string, escaped: readonly boolean[]): string => {
  const units = Array.from({ length: value.length }, (_, i) => {
    const unit = value.charCodeAt(i).toString(16).padStart(4, '0')
    return escaped[i % Math.max(escaped.length, 1)]
      ? `\\u${unit}`
      : JSON.stringify(value[i]).slice(1, -1)
  })
  return `"${units.join('')}"`
}

/** Names that are easily taken for one another in text. */
const NAMES = ['model', 'Model', 'model ', '"model', 'stream', 'messages', '{', '}', ':', ',', '']

/** Any value, with names as below. */
export const jsonValue = fc
  .jsonValue()
  .filter((value) => !JSON.stringify(value).includes(String.raw`\\`))

// Without backslashes: once V8 (Node 26.10) has read an object with a name that is one, `JSON.parse` takes another name that
// is written as an escape for it, and no comparison by parsing can be made.
const name = fc.oneof(
  fc.constantFrom(...NAMES),
  fc.string({ maxLength: 6 }).filter((text) => !text.includes('\\')),
)

const scalar = fc.oneof(
  fc.constantFrom('true', 'null', '-0', '1e400', '9007199254740993', '0.1000000000000000055'),
  fc.integer().map(String),
  fc.constant(String.raw`"\\\\\""`),
  fc.constant(String.raw`"}],{\"model\":\"x\""`),
  fc
    .tuple(fc.string({ maxLength: 8 }), fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }))
    .map(([value, escaped]) => stringLiteral(value, escaped)),
)

const { value: anyValue } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc
      .tuple(space, fc.array(fc.tuple(space, tie('value'), space), { maxLength: 3 }))
      .map(([open, items]) =>
        items.length === 0 ? `[${open}]` : `[${items.map((item) => item.join('')).join(',')}]`,
      ),
    fc
      .tuple(
        space,
        fc.array(fc.tuple(space, name, space, space, tie('value'), space), { maxLength: 3 }),
      )
      .map(([open, members]) =>
        members.length === 0
          ? `{${open}}`
          : `{${members.map(([a, key, b, c, value, d]) => `${a}${JSON.stringify(key)}${b}:${c}${value}${d}`).join(',')}}`,
      ),
  ),
}))

/** One member as written: white space, the name's literal, white space, the value, white space. */
export interface WrittenMember {
  readonly before: string
  readonly name: string
  readonly literal: string
  readonly colon: string
  readonly value: string
  readonly after: string
}

const member: fc.Arbitrary<WrittenMember> = fc
  .record({
    before: space,
    name,
    escaped: fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
    beforeColon: space,
    afterColon: space,
    value: anyValue,
    after: space,
  })
  .map(({ before, name: key, escaped, beforeColon, afterColon, value, after }) => ({
    before,
    name: key,
    literal: stringLiteral(key, escaped),
    colon: `${beforeColon}:${afterColon}`,
    value,
    after,
  }))

export const writtenObject = fc.record({
  lead: space,
  members: fc.array(member, { maxLength: 6 }),
  tail: space,
})

export type WrittenObject = typeof writtenObject extends fc.Arbitrary<infer Value> ? Value : never

/** The object's text. */
export function textOf({ lead, members, tail }: WrittenObject): string {
  const written = members.map(
    ({ before, literal, colon, value, after }) => before + literal + colon + value + after,
  )
  return `${lead}{${written.join(',')}}${tail}`
}
