import { isObject } from '../src/core/parse.ts'
import { printable } from './printable.ts'

/** A column: what stands above it, and the member that it shows, such as `status.last_error`. */
export type Column = readonly [title: string, member: string]

/** Rows under bold titles, as wide as they need to be. */
export function table(
  columns: readonly Column[],
  rows: readonly object[],
  bold: (text: string) => string,
): string {
  const cells = rows.map((row) => columns.map(([, member]) => cellText(memberOf(row, member))))
  const titles = columns.map(([title]) => title)
  const widths = titles.map((title, at) =>
    Math.max(...[title, ...cells.map((row) => row[at] ?? '')].map((text) => widthOf(text))),
  )
  const line = (row: readonly string[], style = (text: string): string => text): string =>
    row
      .map((text, at) => style(text) + padding(text, at === row.length - 1 ? 0 : widths[at]))
      .join('  ')
      .trimEnd()
  return [line(titles, bold), ...cells.map((row) => line(row))].join('\n')
}

/** The members of one thing, a line each. */
export function members(thing: object, bold: (text: string) => string): string {
  const entries = Object.entries(thing).map(([name, value]) => [cellText(name), value] as const)
  const width = Math.max(...entries.map(([name]) => name.length))
  return entries
    .map(([name, value]) => `${bold(name)}${padding(name, width)}  ${cellText(value)}`.trimEnd())
    .join('\n')
}

/** A value for people, on one line. */
export function cellText(value: unknown): string {
  return printable(plainText(value).replaceAll('\n', ' '))
}

function plainText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'string') return TIME.test(value) ? timeText(value) : value
  if (Array.isArray(value) && value.length === 0) return '-'
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) {
    return value.join(', ')
  }
  if (isObject(value) && Object.keys(value).length === 0) return '-'
  return JSON.stringify(value)
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/

const timeText = (time: string): string => `${time.slice(0, 19).replace('T', ' ')}Z`

function memberOf(row: object, member: string): unknown {
  const [first = '', ...inner] = member.split('.')
  const value = isObject(row) && Object.hasOwn(row, first) ? row[first] : undefined
  return inner.length === 0 ? value : isObject(value) ? memberOf(value, inner.join('.')) : undefined
}

/** Letters, not the units that they are stored in. */
const widthOf = (text: string): number => Array.from(text).length

const padding = (text: string, width = 0): string => ' '.repeat(Math.max(0, width - widthOf(text)))
