/** One thing in a conversation, whatever format it came in. Every text part is a line of its own. */
export type Line =
  | { kind: 'system' | 'user' | 'assistant' | 'reasoning' | 'refusal'; text: string }
  /** `data` is base64; without it the media are somewhere else. */
  | { kind: 'media'; mediaType: string; data?: string; url?: string }
  | { kind: 'call'; id: string; name: string; arguments: unknown }
  | { kind: 'result'; id: string; text: string; isError: boolean }

/** A function that the model may call. */
export interface OfferedTool {
  name: string
  schema?: unknown
}

/** Whether a model may, must or must not call a tool; `only` names those that it must choose from. */
export type Choice = 'auto' | 'none' | 'required' | { only: readonly string[] }

/** What a stand-in understood of a request, whatever format it came in. */
export interface Prompt {
  /** In the order in which the request has them. */
  lines: readonly Line[]
  tools: readonly OfferedTool[]
  choice: Choice
  /** Whether the answer shows reasoning. */
  thinks: boolean
  /** The schema that the answer has to fit; true where any JSON object will do. */
  format?: unknown
  maxTokens?: number
}

/** A prompt in which what is left out, or is null, has its usual value. */
export function promptFrom(known: {
  lines: readonly Line[]
  tools?: readonly OfferedTool[] | undefined
  choice?: Choice | undefined
  thinks?: boolean
  format?: unknown
  maxTokens?: number | null | undefined
}): Prompt {
  return {
    lines: known.lines,
    tools: known.tools ?? [],
    choice: known.choice ?? 'auto',
    thinks: known.thinks ?? false,
    ...(known.format !== undefined && { format: known.format }),
    ...(typeof known.maxTokens === 'number' && { maxTokens: known.maxTokens }),
  }
}

/** What was said to the model since it last said something itself. */
export function lastTurn(lines: readonly Line[]): readonly Line[] {
  const end = lines.findLastIndex(({ kind }) => OUTSIDE.has(kind)) + 1
  const start = lines.slice(0, end).findLastIndex(({ kind }) => MODEL.has(kind)) + 1
  return lines.slice(start, end).filter(({ kind }) => OUTSIDE.has(kind))
}

const OUTSIDE = new Set<Line['kind']>(['user', 'result', 'media'])
const MODEL = new Set<Line['kind']>(['assistant', 'call', 'reasoning', 'refusal'])

/** The text of the last turn. */
export function heardIn({ lines }: Pick<Prompt, 'lines'>): string {
  return lastTurn(lines)
    .map((line) => ('text' in line ? line.text : ''))
    .join('')
}

/** The value of JSON text; what is no JSON stays as it is. */
export function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

/** The media that a URL stands for: those in a `data:` URL, or an address. */
export function mediaLine(url: string, mediaType = ''): Line {
  const match = /^data:([^;,]*)(?:;[^,]*)?,(.*)$/s.exec(url)
  return match
    ? { kind: 'media', mediaType: match[1] ?? '', data: match[2] ?? '' }
    : { kind: 'media', mediaType, url }
}
