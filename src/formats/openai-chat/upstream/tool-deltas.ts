import { isObject, type JsonObject } from '../../../core/parse.ts'
import { stableHash } from '../../../core/stable-hash.ts'
import { type JsonProgress, jsonProgress } from './json-progress.ts'

/** A tool call as its deltas have told it so far. */
export interface CallSoFar {
  /** From 0, in the order in which calls began. */
  readonly ordinal: number
  /** Empty where the host has not said it yet. */
  id: string
  name: string
  /** Takes text and not JSON, so what comes in pieces is text. */
  isCustom: boolean
  readonly progress: JsonProgress
}

/** One delta, and the call that it belongs to. */
export interface CallDelta<Call extends CallSoFar> {
  readonly call: Call
  readonly isNew: boolean
  /** The next piece of the arguments. */
  readonly text: string
}

/**
 * Tells which call a delta belongs to, whatever the host leaves out or repeats: no index, one index for all calls, an id
 * that comes late or is empty, a name in every delta, calls that come whole.
 */
export function callTracker<Call extends CallSoFar>(
  begin: (call: CallSoFar) => Call,
): (delta: unknown) => CallDelta<Call> | undefined {
  const calls: Call[] = []
  const byIndex = new Map<unknown, Call>()
  const candidateOf = ({ index, id }: JsonObject): Call | undefined => {
    if (typeof index === 'number') return byIndex.get(index)
    if (typeof id === 'string' && id !== '')
      return calls.findLast((call) => call.id === id) ?? late()
    return calls.at(-1)
  }
  // The last call waits for its id, so this one may be it.
  const late = (): Call | undefined => {
    const last = calls.at(-1)
    return last?.id === '' ? last : undefined
  }
  return (delta) => {
    if (!isObject(delta)) return undefined
    const said = saidIn(delta)
    if (said === undefined) return undefined
    const found = candidateOf(delta)
    const isNew = found === undefined || isAnother(found, said)
    const call = isNew
      ? begin({
          ordinal: calls.length,
          id: '',
          name: '',
          isCustom: said.isCustom,
          progress: jsonProgress(),
        })
      : found
    if (isNew) calls.push(call)
    if (typeof delta['index'] === 'number') byIndex.set(delta['index'], call)
    if (call.id === '') call.id = said.id
    if (call.name === '') call.name = said.name
    call.progress.add(said.text)
    return { call, isNew, text: said.text }
  }
}

interface Said {
  readonly id: string
  readonly name: string
  readonly text: string
  readonly isCustom: boolean
}

/** Undefined for a delta that says nothing. */
function saidIn({ id, type, function: called, custom }: JsonObject): Said | undefined {
  const isCustom = type === 'custom' || (isObject(custom) && !isObject(called))
  const body = isCustom ? custom : called
  const { name, arguments: json, input } = isObject(body) ? body : {}
  const said = {
    id: typeof id === 'string' ? id : '',
    name: typeof name === 'string' ? name : '',
    text: textOf(isCustom ? input : json),
    isCustom,
  }
  return said.id === '' && said.name === '' && said.text === '' ? undefined : said
}

/** Arguments are text; a few hosts give the object itself. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return isObject(value) ? JSON.stringify(value) : ''
}

/** Whether a delta that seems to go on with a call begins another one. */
function isAnother(call: CallSoFar, { id, name, text }: Said): boolean {
  if (name === '' || call.name === '') return false
  if (id !== '' && call.id !== '') return id !== call.id
  // No id tells: a whole call is followed by another one, and a name that changes is another's.
  return name !== call.name || (call.progress.isWhole() && text !== '')
}

/** An id for a call that the host gave none: it follows from the request, so it is nobody else's. */
export function mintToolCallId(requestId: string, call: number): string {
  return `call_${stableHash(`${requestId}.${call}`, 9)}`
}
