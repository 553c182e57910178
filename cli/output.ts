import type { JsonObject } from '../src/core/parse.ts'
import { textOf } from './json.ts'
import type { Machine } from './machine.ts'
import { printable } from './printable.ts'
import { type Column, members, table } from './table.ts'

/** What was asked for goes to standard output, as a table or as JSON; hints go to standard error. */
export interface Output {
  readonly isJson: boolean
  /** One thing. */
  readonly one: (thing: JsonObject) => void
  /** Many things; `none` says what there is to do when there are none. */
  readonly many: (columns: readonly Column[], things: readonly JsonObject[], none: string) => void
  /** A thing with a secret in it that is shown this once: alone on standard output, so that it can be piped. */
  readonly secret: (thing: JsonObject, member: string, hint: string) => void
  /** That something was done. For scripts, what was done is said by `thing`. */
  readonly done: (sentence: string, thing: JsonObject) => void
  /** A hint for people. */
  readonly hint: (sentence: string) => void
}

/** Output for people, or with `isJson` for scripts. */
export function createOutput(machine: Machine, isJson: boolean): Output {
  const { print, tell } = machine
  const bold = (text: string): string => (machine.hasColour ? `\u001B[1m${text}\u001B[22m` : text)
  const json = (value: unknown): void => print(JSON.stringify(value, null, 2))
  const hint = (sentence: string): void => {
    if (!isJson) tell(printable(sentence))
  }
  return {
    isJson,
    hint,
    one: (thing) => (isJson ? json(thing) : print(members(thing, bold))),
    many(columns, things, none) {
      if (isJson) json(things)
      else if (things.length === 0) tell(none)
      else print(table(columns, things, bold))
    },
    secret(thing, member, sentence) {
      if (isJson) return json(thing)
      const { [member]: _, ...shown } = thing
      print(textOf(thing, member))
      tell(`\n${members(shown, plain)}\n\n${sentence}`)
    },
    done: (sentence, thing) => (isJson ? json(thing) : hint(sentence)),
  }
}

const plain = (text: string): string => text
