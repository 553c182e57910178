import type { ChatEvent } from './chat-events.ts'
import type { AssistantPart, ChatAnswer, Finish, ReasoningProof, Usage } from './chat.ts'

/** Gathers a streamed answer into a whole one: give it every event, then ask. */
export interface AnswerAssembly {
  next(event: ChatEvent): void
  /** What it says so far. */
  readonly content: readonly AssistantPart[]
  /** The whole answer; undefined where the stream did not end as one that is whole. */
  answer(): ChatAnswer | undefined
}

type Piece =
  | { kind: 'text' | 'refusal'; text: string }
  | { kind: 'reasoning'; text: string; proof?: ReasoningProof }
  | { kind: 'tool-call'; id: string; name: string; arguments: string; proof?: ReasoningProof }

export function assembleAnswer(): AnswerAssembly {
  const pieces: Piece[] = []
  const calls: Extract<Piece, { kind: 'tool-call' }>[] = []
  let start: Extract<ChatEvent, { kind: 'start' }> = { kind: 'start' }
  let usage: Usage | undefined
  let finish: Finish | undefined
  let isWhole = false
  const addText = (kind: 'text' | 'refusal', text: string): void => {
    const last = pieces.at(-1)
    if (last?.kind === kind) last.text += text
    else if (text !== '') pieces.push({ kind, text })
  }
  const openReasoning = (): Extract<Piece, { kind: 'reasoning' }> => {
    const last = pieces.at(-1)
    if (last?.kind === 'reasoning' && last.proof === undefined) return last
    const opened: Extract<Piece, { kind: 'reasoning' }> = { kind: 'reasoning', text: '' }
    pieces.push(opened)
    return opened
  }
  const next = (event: ChatEvent): void => {
    switch (event.kind) {
      case 'start':
        start = event
        usage = event.usage ?? usage
        return
      case 'text':
      case 'refusal':
        return addText(event.kind, event.text)
      case 'reasoning':
        if (event.text !== '') openReasoning().text += event.text
        return
      case 'reasoning-proof':
        openReasoning().proof = event.proof
        return
      case 'tool-call': {
        const { id, name, proof } = event
        const call = {
          kind: 'tool-call' as const,
          id,
          name,
          arguments: '',
          ...(proof === undefined ? {} : { proof }),
        }
        calls[event.call] = call
        pieces.push(call)
        return
      }
      case 'tool-arguments': {
        const call = calls[event.call]
        if (call !== undefined) call.arguments += event.text
        return
      }
      case 'usage':
        usage = event.usage
        return
      case 'finish':
        finish = event.finish
        return
      case 'end':
        isWhole = true
        return
      case 'tool-call-end':
      case 'ping':
      case 'error':
        return
      default:
        event satisfies never
    }
  }
  return {
    next,
    content: pieces,
    answer() {
      if (!isWhole || finish === undefined) return undefined
      const { id, model } = start
      return {
        ...(id === undefined ? {} : { id }),
        ...(model === undefined ? {} : { model }),
        content: pieces,
        finish,
        ...(usage === undefined ? {} : { usage }),
      }
    },
  }
}
