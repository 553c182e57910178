import { callersToolName } from '../../core/callers-tool-name.ts'
import type { ChatEvent } from '../../core/chat-events.ts'
import type { ReasoningProof } from '../../core/chat.ts'
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
  /** Nothing more will come, since the answer is whole or was cut off. Says whether there were calls of the caller's tools. */
  close(isCutOff: boolean): boolean
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
  // A call without arguments comes without any text, and so does one that was cut off early: what follows tells.
  let settleBareCall: ((isCutOff: boolean) => void) | undefined
  const settle = (isCutOff = false): void => {
    settleBareCall?.(isCutOff)
    settleBareCall = undefined
  }
  const opened = (pass: (text: string) => void, end: () => void): OpenCall => {
    let isEmpty = true
    return {
      arguments(text) {
        if (text === '') return
        isEmpty = false
        settle()
        pass(text)
      },
      end() {
        settle()
        if (!isEmpty) return end()
        settleBareCall = (isCutOff) => {
          if (!isCutOff) pass('{}')
          end()
        }
      },
    }
  }
  const releaseText = (): void => {
    if (held !== undefined && held !== '') emit({ kind: 'text', text: held })
    held = undefined
  }
  return {
    text(text) {
      if (text === '') return
      settle()
      if (held === undefined) return emit({ kind: 'text', text })
      held += text
      if (held.length > MAX_HELD) releaseText()
    },
    reasoning(text) {
      if (text === '') return
      settle()
      emit({ kind: 'reasoning', text })
    },
    proof(kind, value) {
      if (value === '') return
      settle()
      emit({ kind: 'reasoning-proof', proof: proofOf(kind, value, profile.proofs) })
    },
    openCall(id, name) {
      settle()
      const plain = withoutChannel(name)
      if (plain === answerName) {
        held = ''
        // Its arguments are the text.
        return opened(
          (text) => emit({ kind: 'text', text }),
          () => undefined,
        )
      }
      releaseText()
      const call = calls++
      emit({
        kind: 'tool-call',
        call,
        id: typeof id === 'string' && id !== '' ? id : `${requestId}-${call}`,
        name: callersName(plain),
      })
      return opened(
        (text) => emit({ kind: 'tool-arguments', call, text }),
        () => emit({ kind: 'tool-call-end', call }),
      )
    },
    close(isCutOff) {
      settle(isCutOff)
      releaseText()
      return calls > 0
    },
  }
}

/** Open-weight models let slip, now and then, the mark of a channel behind the name. */
function withoutChannel(name: string): string {
  const mark = name.indexOf('<|')
  return mark > 0 ? name.slice(0, mark) : name
}
