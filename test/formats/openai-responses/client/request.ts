import type { ChatMessage, ChatRequest } from '../../../../src/core/chat.ts'
import { type CompatMode, compatOf } from '../../../../src/core/compat.ts'
import { GatewayError } from '../../../../src/core/errors.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { reportRest } from '../../../../src/core/rest.ts'
import { reportUntranslated } from '../../../../src/core/untranslated.ts'
import { openAiResponsesClient } from '../../../../src/formats/openai-responses/client.ts'
import { thrownBy } from '../../../thrown-by.ts'

/** A body of which a test says only what it is about. */
export const body = (members: JsonObject = {}): JsonObject => ({
  model: 'm',
  input: 'hi',
  ...members,
})

export const decode = (members: JsonObject): ChatRequest =>
  openAiResponsesClient.decodeRequest(body(members))

export const messagesOf = (input: readonly unknown[]): readonly ChatMessage[] =>
  decode({ input }).messages

/** The path that a refused request is refused for; undefined for one that is taken. */
export function refusedPath(members: JsonObject): string | undefined {
  const error = thrownBy(() => decode(members))
  if (error === undefined) return undefined
  if (!(error instanceof GatewayError) || error.code !== 'invalid_request') throw error
  const param = error.details.param ?? ''
  if (!error.message.startsWith(param)) throw new Error(`${param} is not in: ${error.message}`)
  return param
}

/** What is told to a caller whose request goes to a format that knows nothing of what this one alone has. */
export function warningsOf(members: JsonObject, mode: CompatMode = 'lenient'): readonly string[] {
  const request = decode(members)
  const warnings: string[] = []
  const compat = compatOf({
    mode,
    target: 'p/m',
    names: openAiResponsesClient.parameterNames,
    warn: (warning) => void warnings.push(warning),
  })
  reportUntranslated(request, compat)
  reportRest(request.rest, compat)
  return warnings
}
