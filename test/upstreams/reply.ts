import type { Quirk } from './quirk.ts'

/** Token counts in one meaning for all: `input` includes `cached` and `written`, `output` excludes `reasoning`. */
export interface Usage {
  input: number
  cached: number
  /** Written to the cache. */
  written: number
  output: number
  reasoning: number
}

/** Why a model stopped, in no provider's words. */
export type Finish =
  | 'stop'
  | 'tool-calls'
  | 'length'
  /** The model would not; `content-filter`: somebody watched over it. */
  | 'refusal'
  | 'content-filter'
  | 'stop-sequence'
  | 'pause'

/** One thing that the model says, in the parts that it is streamed in. */
export type Piece =
  | { kind: 'text' | 'refusal'; parts: readonly string[] }
  | { kind: 'reasoning'; parts: readonly string[]; isRedacted: boolean }
  /** The parts are JSON; none of them: the tool takes no arguments. */
  | { kind: 'call'; name: string; parts: readonly string[]; id?: string | undefined }

/** A tool call of an answer. */
export type CallPiece = Extract<Piece, { kind: 'call' }>

/** What the model says, before any provider's format. */
export interface Reply {
  pieces: readonly Piece[]
  finish: Finish
  /** The provider's own word for it, where a test wants one. */
  finishWord?: string | undefined
  stopSequence?: string | undefined
  usage: Usage
  quirks: ReadonlySet<Quirk>
}

/** Token counts that follow from the lengths of what was heard and said. */
export function usageOf(heard: string, said: string, thought = ''): Usage {
  const input = 8 + Math.ceil(heard.length / 4)
  return {
    input,
    cached: Math.floor(input / 4),
    written: 0,
    output: Math.ceil(said.length / 4),
    reasoning: Math.ceil(thought.length / 4),
  }
}

/** The whole text of a piece. */
export const wordsOf = ({ parts }: Piece): string => parts.join('')

/** All text of one kind; undefined where there is none of it. */
export function joined({ pieces }: Reply, kind: Piece['kind']): string | undefined {
  const found = pieces.filter((piece) => piece.kind === kind)
  return found.length > 0 ? found.map(wordsOf).join('') : undefined
}

/** The tool calls of an answer. */
export const callsOf = ({ pieces }: Reply): CallPiece[] =>
  pieces.filter((piece) => piece.kind === 'call')

/** The arguments of a call as an object: what was cut off is as good as nothing. */
export function argumentsOf(call: CallPiece): unknown {
  try {
    return JSON.parse(wordsOf(call) || '{}') as unknown
  } catch {
    return {}
  }
}
