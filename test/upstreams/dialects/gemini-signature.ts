import { seal } from '../seal.ts'

/** What Google's documentation offers to those whose history comes from elsewhere. */
export const NO_SIGNATURE = 'skip_thought_signature_validator'

const FAMILY = 'gemini'

/** The thought signature of a function call. */
export const signCall = (name: string, args: unknown): string =>
  seal(FAMILY, name, JSON.stringify(args ?? {}))

/** The thought signature of a text. */
export const signText = (): string => seal(FAMILY)

/** Whether a signature is one that Gemini gave to this call, or the documented way out. */
export const isCallSignature = (signature: string, name: string, args: unknown): boolean =>
  signature === NO_SIGNATURE || signature === signCall(name, args)

/** Whether a signature of a part that is no call is Gemini's. */
export const isTextSignature = (signature: string): boolean =>
  signature === NO_SIGNATURE || signature === signText()
