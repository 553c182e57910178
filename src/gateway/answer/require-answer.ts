import { noJsonObject } from '../failure/answer-error.ts'
import { errorIn } from '../failure/error-text.ts'
import { inStreamError } from '../failure/stream-errors.ts'
import type { Target } from '../target/target.ts'

/** An error in place of an answer begins with it, in each format that is handed on as it came. */
const BEGINS_AS_ERROR = /^\s*\{\s*"(?:error"\s*:\s*["{]|type"\s*:\s*"error")/

/**
 * Throws where the text that came under 200 is no answer: an error, cut short, or nothing that is a JSON object. Its two
 * ends tell; what is between them is read by nobody but the caller.
 */
export function requireAnswer(text: string, target: Target): void {
  const { name } = target.provider
  if (!text.trimStart().startsWith('{') || !text.trimEnd().endsWith('}')) {
    throw noJsonObject(target)
  }
  if (!BEGINS_AS_ERROR.test(text)) return
  const said = errorIn(text) ?? { message: `${name} answered with an error.` }
  throw inStreamError(said, target)
}
