import type { ToolCallPart, ToolMessage } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import { invalidRequest } from '../../core/errors.ts'
import type { GeminiProfile } from './profile.ts'
import { encodeToolName } from './tool-names.ts'
import type { MediaPart, Part, ResponsePart } from './types.ts'
import { encodeUserParts } from './user-parts.ts'

/**
 * The results of a turn's calls, in the order of the calls, whatever order they came in; Google counts them. A result is text to
 * us and stays that, JSON or not, so that the model reads what the tool wrote.
 */
export function encodeResults(
  calls: readonly ToolCallPart[],
  results: readonly ToolMessage[],
  { profile, compat }: { readonly profile: GeminiProfile; readonly compat: Compat },
): readonly Part[] {
  const open = [...results]
  const attached: Part[] = []
  const responses = calls.map((call): ResponsePart => {
    const at = open.findIndex(({ callId }) => callId === call.id)
    const [result] = at === -1 ? [] : open.splice(at, 1)
    if (result === undefined) {
      throw invalidRequest('A tool call in messages is left without its result.', 'messages')
    }
    const parts = encodeUserParts(result.content, profile, compat)
    const media = parts.filter((part): part is MediaPart => !('text' in part))
    const within = profile.takesMediaInResponses ? media.filter(fitsIntoResponse) : []
    attached.push(...media.filter((part) => !within.includes(part)))
    const text = parts.flatMap((part) => ('text' in part ? [part.text] : [])).join('\n\n')
    const said = text === '' && media.length > 0 ? 'The result is attached.' : text
    return {
      functionResponse: {
        ...(profile.hasCallIds && call.id !== '' ? { id: call.id } : {}),
        name: encodeToolName(call.name),
        response: result.isError === true ? { error: said } : { output: said },
        ...(within.length === 0 ? {} : { parts: within }),
      },
    }
  })
  if (open.length > 0) {
    throw invalidRequest(
      'A tool result in messages answers no call of the turn before.',
      'messages',
    )
  }
  return [...responses, ...attached]
}

/** Images and documents may stand within a response; sound and film may not. */
function fitsIntoResponse(part: MediaPart): boolean {
  const { mimeType } = 'inlineData' in part ? part.inlineData : part.fileData
  return (
    mimeType.startsWith('image/') || mimeType === 'application/pdf' || mimeType === 'text/plain'
  )
}
