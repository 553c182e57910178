import { assembleAnswer } from '../../core/assemble-answer.ts'
import type { ChatAnswer } from '../../core/chat.ts'
import { GatewayError } from '../../core/errors.ts'
import { isObject, type JsonObject } from '../../core/parse.ts'
import type { DecodeSource } from '../../core/translation.ts'
import { type AnswerContent, answerContent } from './answer-content.ts'
import { decodeEnding, isCutOff } from './finish.ts'
import type { ConverseProfile } from './profile.ts'
import { decodeUsage } from './usage.ts'

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_ResponseSyntax */
export function decodeAnswer(body: JsonObject, source: DecodeSource<ConverseProfile>): ChatAnswer {
  const { output } = body
  const message = isObject(output) ? output['message'] : undefined
  const blocks = isObject(message) ? message['content'] : undefined
  if (!Array.isArray(blocks)) {
    throw new GatewayError('upstream_error', 'The provider gave an answer without a message.')
  }
  const assembly = assembleAnswer()
  const content = answerContent(source, (event) => assembly.next(event))
  for (const block of blocks) if (isObject(block)) readBlock(block, content)
  const ending = decodeEnding(body, content.close(isCutOff(body)), source.request)
  if (ending.kind === 'failure') throw new GatewayError('upstream_error', ending.message)
  assembly.next({ kind: 'finish', finish: ending.finish })
  assembly.next({ kind: 'end' })
  const answer = assembly.answer()
  if (answer === undefined) throw new GatewayError('upstream_error', 'The answer is not whole.')
  const usage = decodeUsage(body['usage'])
  const tier = isObject(body['serviceTier']) ? body['serviceTier']['type'] : undefined
  return {
    ...answer,
    ...(usage === undefined ? {} : { usage }),
    ...(typeof tier === 'string' ? { serviceTier: tier } : {}),
  }
}

function readBlock(block: JsonObject, content: AnswerContent): void {
  const { text, toolUse, reasoningContent, citationsContent } = block
  if (typeof text === 'string') content.text(text)
  else if (isObject(toolUse)) readCall(toolUse, content)
  else if (isObject(reasoningContent)) readReasoning(reasoningContent, content)
  else if (isObject(citationsContent) && Array.isArray(citationsContent['content'])) {
    for (const cited of citationsContent['content'] as unknown[]) {
      if (isObject(cited) && typeof cited['text'] === 'string') content.text(cited['text'])
    }
  }
}

function readCall({ toolUseId, name, input = {}, type }: JsonObject, content: AnswerContent): void {
  // Tools that the provider runs itself are none of the caller's.
  if (typeof name !== 'string' || type === 'server_tool_use') return
  const call = content.openCall(toolUseId, name)
  const text = typeof input === 'string' ? input : JSON.stringify(input)
  // Without any, or without them yet.
  if (text !== '{}') call.arguments(text)
  call.end()
}

function readReasoning(
  { reasoningText, redactedContent }: JsonObject,
  content: AnswerContent,
): void {
  if (isObject(reasoningText)) {
    const { text, signature } = reasoningText
    if (typeof text === 'string') content.reasoning(text)
    if (typeof signature === 'string') content.proof('signature', signature)
  }
  if (typeof redactedContent === 'string') content.proof('encrypted', redactedContent)
}
