import type { ChatRequest, Untranslated } from './chat.ts'
import type { Compat } from './compat.ts'
import type { JsonObject } from './parse.ts'
import { isWithoutEffect } from './rest.ts'

/** Gathers, while a request is decoded, what the canonical model has no slot for. */
export interface UntranslatedNotes {
  /** A member that an answer can do without; said once, however often it comes. */
  changed(member: string): void
  /** Something at a path without which the request would mean something else. */
  refused(path: string, why: string): void
  /** The members of an object that its decoder does not know, less those without effect. */
  others(object: JsonObject, known: ReadonlySet<string>, owner: string): void
  readonly list: readonly Untranslated[]
}

/** What a member's name looks like; anything else is reported as its owner's, since warnings are headers. */
const MEMBER_NAME = /^[a-z][a-z0-9_]{0,39}$/

export function untranslatedNotes(): UntranslatedNotes {
  const list: Untranslated[] = []
  const seen = new Set<string>()
  const changed = (parameter: string): void => {
    if (seen.has(parameter)) return
    seen.add(parameter)
    list.push({ parameter })
  }
  return {
    changed,
    refused: (parameter, why) => void list.push({ parameter, why }),
    others(object, known, owner) {
      for (const [name, value] of Object.entries(object)) {
        if (known.has(name) || isWithoutEffect(name, value)) continue
        changed(MEMBER_NAME.test(name) ? name : owner)
      }
    },
    list,
  }
}

/** Reports what only the caller's format can say, once for each request that is sent in another one. */
export function reportUntranslated({ untranslated = [] }: ChatRequest, compat: Compat): void {
  for (const { parameter, why } of untranslated) {
    if (why === undefined) compat.changed(parameter)
    else compat.refused(parameter, why)
  }
}
