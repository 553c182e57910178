import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'
import { without } from '../../core/read.ts'

/** What the chunks of a stream say beside the answer that they are pieces of: `system_fingerprint`, vLLM's `stop_reason`. */
export interface OtherMembers {
  /** Takes note of an event's data, each in its turn. */
  hear(data: string): void
  /** The whole answer with such members of the first and the last chunks; what it says itself counts. */
  addTo(answer: JsonObject): JsonObject
}

export function otherMembers(): OtherMembers {
  let first = ''
  // The reason for the end, the usage and the last word are three events.
  let last: readonly [string, string, string] = ['', '', '']
  return {
    hear(data) {
      first ||= data
      last = [last[1], last[2], data]
    },
    addTo(answer) {
      const ofAnswer: JsonObject = {}
      const ofChoice: JsonObject = {}
      for (const data of [first, ...last]) {
        const chunk = tryParseJson(data)
        if (!isObject(chunk)) continue
        Object.assign(ofAnswer, without(chunk, CHUNK_MEMBERS))
        const { choices } = chunk
        const choice: unknown = Array.isArray(choices) ? choices[0] : undefined
        if (isObject(choice)) Object.assign(ofChoice, without(choice, CHOICE_MEMBERS))
      }
      const { choices } = answer
      const given: readonly unknown[] = Array.isArray(choices) ? choices : []
      return {
        ...ofAnswer,
        ...answer,
        choices: given.map((choice) => (isObject(choice) ? { ...ofChoice, ...choice } : choice)),
      }
    },
  }
}

const CHUNK_MEMBERS = new Set(['id', 'object', 'created', 'model', 'choices', 'usage', 'error'])
const CHOICE_MEMBERS = new Set(['index', 'delta', 'logprobs', 'finish_reason'])
