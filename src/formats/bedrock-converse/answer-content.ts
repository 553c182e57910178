import type { ReasoningProof } from '../../core/chat.ts'
import type { ChatEvent } from '../../core/chat-events.ts'
import { callersToolName } from '../../core/plain-tool-name.ts'
import type { DecodeSource } from '../../core/translation.ts'
import { proofOf } from './assistant.ts'
import { calledNames, MAX_TOOL_NAME } from './calls.ts'
import { planOutput } from './output-plan.ts'
import type { ConverseProfile } from './profile.ts'

/** Tells the content of an answer as events, in the caller's own names. */
export interface AnswerContent {
  text(text: string): void
  reasoning(text: string): void
  proof(kind: ReasoningProof['kind'], value: string): void
  openCall(id: unknown, name: string): OpenCall
  /** Nothing more will come. Says whether there were calls of the caller's tools. */
  close(): boolean
}

export interface OpenCall {
  arguments(text: string): void
  end(): void
}

/** More text than this is not said beside an answer, but is one. */
const MAX_HELD = 65_536

export function answerContent(
  { request, profile, requestId }: DecodeSource<ConverseProfile>,
  emit: (event: ChatEvent) => void,
): AnswerContent {
  const output = planOutput(request, profile)
  const called = calledNames(request.messages).map((name) => ({ name }))
  const callersName = callersToolName([...request.tools, ...called], MAX_TOOL_NAME)
  const answerName = output.kind === 'tool' ? output.tool.name : undefined
  let calls = 0
  // What a model says beside the call that is its answer is not part of it; without the call, it is all there is.
  let held: string | undefined = answerName === undefined ? undefined : ''
  const releaseText = (): void => {
    if (held !== undefined && held !== '') emit({ kind: 'text', text: held })
    held = undefined
  }
  return {
    text(text) {
      if (text === '') return
      if (held === undefined) return emit({ kind: 'text', text })
      held += text
      if (held.length > MAX_HELD) releaseText()
    },
    reasoning(text) {
      if (text !== '') emit({ kind: 'reasoning', text })
    },
    proof(kind, value) {
      if (value !== '')
        emit({ kind: 'reasoning-proof', proof: proofOf(kind, value, profile.proofs) })
    },
    openCall(id, name) {
      const plain = withoutChannel(name)
      if (plain === answerName) {
        held = ''
        return answerCall(emit)
      }
      releaseText()
      const call = calls++
      emit({
        kind: 'tool-call',
        call,
        id: typeof id === 'string' && id !== '' ? id : `${requestId}-${call}`,
        name: callersName(plain),
      })
      return toolCall(call, emit)
    },
    close() {
      releaseText()
      return calls > 0
    },
  }
}

function toolCall(call: number, emit: (event: ChatEvent) => void): OpenCall {
  let isEmpty = true
  return {
    arguments(text) {
      if (text === '') return
      isEmpty = false
      emit({ kind: 'tool-arguments', call, text })
    },
    end() {
      if (isEmpty) emit({ kind: 'tool-arguments', call, text: '{}' })
      emit({ kind: 'tool-call-end', call })
    },
  }
}

/** The call that is the answer: its arguments are the text. */
function answerCall(emit: (event: ChatEvent) => void): OpenCall {
  let isEmpty = true
  return {
    arguments(text) {
      if (text === '') return
      isEmpty = false
      emit({ kind: 'text', text })
    },
    end() {
      if (isEmpty) emit({ kind: 'text', text: '{}' })
    },
  }
}

/** Open-weight models let slip, now and then, the mark of a channel behind the name. */
function withoutChannel(name: string): string {
  const mark = name.indexOf('<|')
  return mark > 0 ? name.slice(0, mark) : name
}
