/** What an answer says, in the words of no format: what has to be the same on both sides of a translation. */
export interface Said {
  readonly model: string | undefined
  readonly text: string
  /** Why the model declined, in its own words. */
  readonly refusal: string
  readonly reasoning: string
  readonly calls: readonly SaidCall[]
  readonly finish: 'stop' | 'calls' | 'length' | 'refused'
  readonly usage: SaidUsage
}

export interface SaidCall {
  /** Undefined where the provider gives calls no ids. */
  readonly id: string | undefined
  readonly name: string
  readonly arguments: unknown
}

/** Tokens, the cached in the input and the reasoning in the output; 0 where nobody told of a part. */
export interface SaidUsage {
  readonly input: number
  readonly cached: number
  readonly output: number
  readonly reasoning: number
}

/** Any JSON, to be looked into freely. */
export type Json = ReturnType<typeof JSON.parse>

export const joined = (texts: readonly unknown[]): string =>
  texts.filter((text) => typeof text === 'string').join('')

/** The word of a table for a word that is in it; a test that meets another one fails. */
export function wordIn<Word>(table: Readonly<Record<string, Word>>, word: unknown): Word {
  const found = table[String(word)]
  if (found === undefined) throw new Error(`nobody knows the end "${String(word)}"`)
  return found
}
