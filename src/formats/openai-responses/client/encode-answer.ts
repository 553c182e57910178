import type { AssistantPart, ChatAnswer } from '../../../core/chat.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { packToolCallId } from '../../../core/tool-call-id.ts'
import type { AnswerContext } from '../../../core/translation.ts'
import { incompleteReason } from '../finish.ts'
import {
  callItem,
  type ItemStatus,
  messageItem,
  type MessagePart,
  reasoningItem,
  shownArguments,
} from '../output-items.ts'
import { callFaces } from '../tool-name.ts'
import { responseEcho, responseId, responseProgress } from './response-object.ts'

/** A whole answer as a Response object. https://platform.openai.com/docs/api-reference/responses/object */
export function encodeAnswer(answer: ChatAnswer, context: AnswerContext): JsonObject {
  return {
    ...responseProgress(context, answer),
    output: outputItems(answer, context),
    ...responseEcho(context),
  }
}

/** The same items as a stream of the answer has: texts and refusals that follow each other are one message. */
function outputItems(answer: ChatAnswer, context: AnswerContext): readonly JsonObject[] {
  const groups = groupsOf(answer.content)
  const isCutOff = incompleteReason(answer.finish.reason) !== undefined
  const faceOf = callFaces(context.request)
  const idOf = itemIds(context)
  return groups.map((group, index) => {
    const status: ItemStatus = isCutOff && index === groups.length - 1 ? 'incomplete' : 'completed'
    if (Array.isArray(group)) return messageItem(idOf('msg', index), group, status)
    if (group.kind === 'reasoning') {
      const proved = group.proof === undefined ? status : 'completed'
      return reasoningItem(idOf('rs', index), group, proved)
    }
    const face = faceOf(group.name)
    const shown = shownArguments(group.arguments, status)
    const call = { callId: packToolCallId(group), face, arguments: shown }
    return callItem(idOf(face.isFreeform ? 'ctc' : 'fc', index), call, status)
  })
}

/** The ids of an answer's items: what they are, whose, and where. */
export function itemIds(context: AnswerContext): (kind: string, index: number) => string {
  const stem = responseId(context).slice('resp_'.length)
  return (kind, index) => `${kind}_${stem}_${index}`
}

type Group = MessagePart[] | Exclude<AssistantPart, { kind: 'text' | 'refusal' }>

function groupsOf(content: readonly AssistantPart[]): readonly Group[] {
  const groups: Group[] = []
  for (const part of content) {
    if (part.kind === 'tool-call') groups.push(part)
    else if (part.kind === 'reasoning') {
      if (part.text !== '' || part.proof !== undefined) groups.push(part)
    } else if (part.text !== '') {
      const last = groups.at(-1)
      if (Array.isArray(last)) addTo(last, part)
      else groups.push([{ kind: part.kind, text: part.text }])
    }
  }
  return groups
}

function addTo(message: MessagePart[], { kind, text }: MessagePart): void {
  const last = message.at(-1)
  if (last?.kind === kind) message[message.length - 1] = { kind, text: last.text + text }
  else message.push({ kind, text })
}
