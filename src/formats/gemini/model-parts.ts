import type { AssistantPart, ReasoningProof, ToolCallPart } from '../../core/chat.ts'
import { invalidRequest } from '../../core/errors.ts'
import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'
import type { GeminiProfile } from './profile.ts'
import { encodeToolName } from './tool-names.ts'
import type { CallPart, SpokenPart } from './types.ts'

/**
 * What the model said earlier, as parts.
 *
 * Gemini signs its parts, and a signature goes back on a part like the one that bore it. One with a thought's text was that
 * thought's. One without a text of its own signed what was said, and formats that keep reasoning apart give it back before
 * that text or behind it: it goes onto the text beside it, and onto an empty one where there is none. Reasoning of other
 * families, or without a proof, is nothing to Gemini and stays behind.
 */
export function encodeModelParts(
  content: readonly AssistantPart[],
  profile: GeminiProfile,
): (SpokenPart | CallPart)[] {
  const parts: (SpokenPart | CallPart)[] = []
  let waiting: string | undefined
  const putDown = (): void => {
    if (waiting !== undefined) parts.push({ text: '', thoughtSignature: waiting })
    waiting = undefined
  }
  for (const part of content) {
    switch (part.kind) {
      case 'text':
      case 'refusal':
        if (part.text === '') break
        parts.push(signed({ text: part.text }, waiting))
        waiting = undefined
        break
      case 'reasoning': {
        const signature = signatureOf(part.proof)
        if (signature === undefined) break
        const last = parts.at(-1)
        if (part.text !== '') {
          putDown()
          parts.push({ text: part.text, thought: true, thoughtSignature: signature })
        } else if (last !== undefined && isUnsignedText(last)) {
          parts[parts.length - 1] = signed(last, signature)
        } else {
          putDown()
          waiting = signature
        }
        break
      }
      case 'tool-call':
        putDown()
        parts.push(encodeCall(part, profile))
        break
      default:
        part satisfies never
    }
  }
  putDown()
  return parts
}

function isUnsignedText(part: SpokenPart | CallPart): part is SpokenPart {
  return 'text' in part && part.thoughtSignature === undefined
}

function signatureOf(proof: ReasoningProof | undefined): string | undefined {
  return proof?.family === 'gemini' ? proof.value : undefined
}

function signed<Signed extends SpokenPart | CallPart>(
  part: Signed,
  thoughtSignature: string | undefined,
): Signed {
  return thoughtSignature === undefined ? part : { ...part, thoughtSignature }
}

function encodeCall(call: ToolCallPart, { hasCallIds }: GeminiProfile): CallPart {
  const id = hasCallIds && call.id !== '' ? { id: call.id } : {}
  const functionCall = { ...id, name: encodeToolName(call.name), args: argumentsOf(call) }
  return signed({ functionCall }, signatureOf(call.proof))
}

/** Google takes objects only. */
function argumentsOf(call: ToolCallPart): JsonObject {
  if (call.arguments.trim() === '') return {}
  const value = tryParseJson(call.arguments)
  if (value === undefined) {
    throw invalidRequest('A tool call in messages has arguments that are not JSON.', 'messages')
  }
  return isObject(value) ? value : { value }
}

/** Google's own word for histories that were not its model's: https://ai.google.dev/gemini-api/docs/thought-signatures */
const NO_SIGNATURE = 'skip_thought_signature_validator'

/** Of calls side by side, Gemini signs the first, and wants that one to be signed. */
export function signFirstCall(parts: (SpokenPart | CallPart)[]): void {
  const first = parts.findIndex((part) => 'functionCall' in part)
  const call = parts[first]
  if (call !== undefined && call.thoughtSignature === undefined) {
    parts[first] = signed(call, NO_SIGNATURE)
  }
}
