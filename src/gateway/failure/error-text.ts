import { tryParseJson } from '../../core/parse.ts'
import type { UpstreamErrorBody } from '../../core/wire-format.ts'
import { factsIn } from '../../formats/anthropic-messages/error.ts'
import { decodeError as decodeBedrockError } from '../../formats/bedrock-converse/error.ts'
import { decodeError as decodeGoogleError } from '../../formats/gemini/error.ts'
import { decodeError as decodeOpenAiError } from '../../formats/openai-chat/error.ts'

/** More of an error than this is not read: some servers answer with a page, some never stop. */
const MAX_BYTES = 256 * 1024
const MAX_WAIT_MS = 5000

/** The beginning of an error's body, as far as it comes in time; what is left of it is let go. Never rejects. */
export async function readErrorText(
  response: Response,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<string> {
  if (response.body === null || response.bodyUsed) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  const read = async (): Promise<void> => {
    for (let length = 0; length < MAX_BYTES;) {
      const { done, value } = await reader.read()
      if (done) return
      length += value.length
      text += decoder.decode(value, { stream: true })
    }
  }
  await Promise.race([read().catch(() => undefined), sleep(MAX_WAIT_MS)])
  // Ends a read that is still under way, too.
  void reader.cancel().catch(() => undefined)
  return text
}

/** The error that a body is, in any provider's shape; undefined for a page of HTML. */
export function errorIn(text: string): UpstreamErrorBody | undefined {
  const json = tryParseJson(text)
  const body = decodeGoogleError(json) ?? decodeOpenAiError(json) ?? decodeBedrockError(json)
  const facts = factsIn(json)
  return body === undefined || facts === undefined ? body : { ...body, facts }
}
