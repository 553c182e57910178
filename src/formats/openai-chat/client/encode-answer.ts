import type { ChatAnswer, ReasoningPart, ToolCallPart } from '../../../core/chat.ts'
import { freeformInput } from '../../../core/freeform.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { defined } from '../../../core/read.ts'
import { openAiServiceTier } from '../../../core/service-tier.ts'
import { packToolCallId } from '../../../core/tool-call-id.ts'
import type { AnswerContext } from '../../../core/translation.ts'
import { freeformNames } from '../freeform-names.ts'
import { encodeFinish } from './encode-finish.ts'
import { encodeIdentity } from './encode-identity.ts'
import { encodeBlocks } from './encode-reasoning.ts'
import { encodeUsage } from './encode-usage.ts'

/** A whole answer, always of one choice. https://platform.openai.com/docs/api-reference/chat/object */
export function encodeAnswer(answer: ChatAnswer, context: AnswerContext): JsonObject {
  const { finish_reason, ...extensions } = encodeFinish(answer.finish)
  const message = encodeMessage(answer, freeformNames(context.request))
  return defined({
    ...encodeIdentity(answer, context, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason, ...extensions }],
    usage: encodeUsage(answer.usage),
    service_tier: openAiServiceTier(answer.serviceTier),
  })
}

function encodeMessage({ content, finish }: ChatAnswer, freeform: ReadonlySet<string>): JsonObject {
  const text = { text: '', refusal: '' }
  const reasoning: ReasoningPart[] = []
  const calls: ToolCallPart[] = []
  for (const part of content) {
    if (part.kind === 'reasoning') reasoning.push(part)
    else if (part.kind === 'tool-call') calls.push(part)
    else text[part.kind] += part.text
  }
  const hasOther = text.refusal !== '' || calls.length > 0
  const blocks = encodeBlocks(reasoning)
  const cut = finish.reason === 'length' ? content.at(-1) : undefined
  return defined({
    role: 'assistant',
    content: text.text === '' && hasOther ? null : text.text,
    refusal: text.refusal === '' ? null : text.refusal,
    reasoning_content: reasoning.map((part) => part.text).join('') || undefined,
    thinking_blocks: blocks.length === 0 ? undefined : blocks,
    tool_calls:
      calls.length === 0
        ? undefined
        : calls.map((call) => encodeToolCall(call, freeform.has(call.name), call === cut)),
  })
}

function encodeToolCall(call: ToolCallPart, isFreeform: boolean, isCut: boolean): JsonObject {
  const id = packToolCallId(call)
  const { name, arguments: text } = call
  if (isFreeform) return { id, type: 'custom', custom: { name, input: freeformInput(text) } }
  // A call without arguments has an empty object of them, unless it was cut off before the first.
  const json = text === '' && !isCut ? '{}' : text
  return { id, type: 'function', function: { name, arguments: json } }
}
