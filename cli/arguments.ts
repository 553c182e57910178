import { InvalidArgumentError } from 'commander'
import { isObject, type JsonObject, tryParseJson } from '../src/core/parse.ts'

/** Texts of the command line as values. A refusal never repeats the text: it could be a secret in the wrong place. */

/** `a,b` as a list; nothing as an empty one. */
export function commaList(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

/** A whole number. */
export function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number.')
}

/** What a number is that there is not. The parser takes a null for no value, so it cannot be null yet. */
export const NONE = 'none'

/** A whole number, or `none`. */
export function numberOrNone(text: string): number | typeof NONE {
  return text === NONE ? NONE : wholeNumber(text)
}

/** A JSON object. */
export function jsonObject(text: string): JsonObject {
  const value = tryParseJson(text)
  if (isObject(value)) return value
  throw new InvalidArgumentError('It must be a JSON object, such as \'{"name":"value"}\'.')
}

/** `90d`, `12h`, `15m`, `30s` or a plain number of seconds. */
export function seconds(text: string): number {
  const [, count = '', unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(text) ?? []
  if (count !== '') return Number(count) * (UNITS[unit] ?? 1)
  throw new InvalidArgumentError('It must be a time such as 30d, 12h, 15m or 60s.')
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** What an expiry date is that there is not. The parser takes a null for no value, so it cannot be null yet. */
const NEVER = 'never'

/** A moment to come: a date, the time from now, or `never`. */
export function moment({ now }: Clock): (text: string) => string {
  return (text) => (text === NEVER ? NEVER : time(text, (ms) => +now() + ms))
}

/** An expiry date as the gateway takes it. */
export function expiryOf(text: string | undefined): string | null | undefined {
  return text === NEVER ? null : text
}

/** A moment that was: a date, or how long ago. */
export function past({ now }: Clock): (text: string) => string {
  return (text) => time(text, (ms) => +now() - ms)
}

interface Clock {
  readonly now: () => Date
}

function time(text: string, away: (ms: number) => number): string {
  const isDuration = /^\d+[smhd]$/.test(text)
  const ms = isDuration ? away(seconds(text) * 1000) : dateMs(text)
  if (!Number.isNaN(ms)) return new Date(ms).toISOString()
  throw new InvalidArgumentError(`It must be a time such as 90d, or ${DATES}.`)
}

/** What `dateMs` takes. */
export const DATES =
  'a date (UTC) such as 2030-01-31, or a moment with its zone such as 2030-01-31T18:00:00Z or …T18:00:00+01:00'

/** The moment that a text names, else NaN. Without a zone it would be another one on another machine. */
export function dateMs(text: string): number {
  const [, day = ''] =
    /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text) ?? []
  return isDay(day) ? Date.parse(text) : Number.NaN
}

/** Whether there is such a day: of 31 February the parser makes one of March. */
function isDay(day: string): boolean {
  const ms = Date.parse(day)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day)
}

/** For an option that may be said more than once. */
export function repeated<Value>(parse: (text: string) => Value) {
  return (text: string, before: readonly Value[] = []): Value[] => [...before, parse(text)]
}
