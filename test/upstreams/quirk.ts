/** What providers do now and then, and callers must live with. Each dialect knows some of them. */
export type Quirk =
  /** Anthropic: a second `message_start`. */
  | 'second-start'
  /** Anthropic: the input is counted too low at the start, and right at the end. */
  | 'late-input-count'
  /** Converse: `metadata` comes before `messageStop`. */
  | 'metadata-first'
  /** Mistral: text comes as arrays of parts. */
  | 'array-content'
  /** Chat: the parts of parallel calls come by turns. */
  | 'calls-by-turns'
  /** Chat: chunks leave out `finish_reason` instead of saying null. */
  | 'no-null-finish'
  /** Gemini: the answer ends in an empty text with a signature. */
  | 'signed-text'
  /** Gemini: it is the prompt that is refused, and there are no candidates. */
  | 'prompt-blocked'
