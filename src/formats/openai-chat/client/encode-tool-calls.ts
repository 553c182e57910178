import type { ChatEvent } from '../../../core/chat-events.ts'
import { type FreeformReader, freeformReader } from '../../../core/freeform.ts'
import { packToolCallId } from '../../../core/tool-call-id.ts'

type EventOf<Kind extends ChatEvent['kind']> = Extract<ChatEvent, { readonly kind: Kind }>

/** The tool calls of a stream, in pieces, each as the JSON of a delta's members; empty where there is nothing to say. */
export interface ToolCallDeltas {
  begin(event: EventOf<'tool-call'>): string
  arguments(event: EventOf<'tool-arguments'>): string
  end(event: EventOf<'tool-call-end'>): string
  /** The empty object for a call that ended without arguments, once it is known that it was not cut off. */
  settle(isCut: boolean): string
}

export function toolCallDeltas(freeform: ReadonlySet<string>): ToolCallDeltas {
  /** Calls that have begun and have no arguments so far. */
  const silent = new Set<number>()
  const readers = new Map<number, FreeformReader>()
  let unsettled: number | undefined
  return {
    begin({ call, id, name, proof }) {
      const packed = JSON.stringify(packToolCallId(proof === undefined ? { id } : { id, proof }))
      const head = `"tool_calls":[{"index":${call},"id":${packed}`
      if (freeform.has(name)) {
        readers.set(call, freeformReader())
        return `${head},"type":"custom","custom":{"name":${JSON.stringify(name)},"input":""}}]`
      }
      silent.add(call)
      return `${head},"type":"function","function":{"name":${JSON.stringify(name)},"arguments":""}}]`
    },
    arguments({ call, text }) {
      if (text === '') return ''
      const reader = readers.get(call)
      if (reader !== undefined) return customInput(call, reader.next(text))
      silent.delete(call)
      return functionArguments(call, text)
    },
    end({ call }) {
      const reader = readers.get(call)
      readers.delete(call)
      if (silent.delete(call)) unsettled = call
      return reader === undefined ? '' : customInput(call, reader.end())
    },
    settle(isCut) {
      const call = unsettled
      unsettled = undefined
      return call === undefined || isCut ? '' : functionArguments(call, '{}')
    },
  }
}

function functionArguments(call: number, text: string): string {
  return `"tool_calls":[{"index":${call},"function":{"arguments":${JSON.stringify(text)}}}]`
}

function customInput(call: number, text: string): string {
  if (text === '') return ''
  return `"tool_calls":[{"index":${call},"custom":{"input":${JSON.stringify(text)}}}]`
}
