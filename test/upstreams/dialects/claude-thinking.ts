import { createHash } from 'node:crypto'
import { disclose, enclose, seal } from '../seal.ts'

const FAMILY = 'claude'

/** A conversation up to the answer that thinking belongs to; empty where the model does not care. */
export type Prefix = string

/** What tells one conversation from another. */
export const prefixOf = (...facts: readonly unknown[]): Prefix =>
  createHash('sha256').update(JSON.stringify(facts)).digest('hex')

/** The signature of thinking, bound to its text and to its conversation. */
export function signThinking(text: string, prefix: Prefix): string {
  return Buffer.from(`${prefix}.${seal(FAMILY, text, prefix)}`).toString('base64')
}

/** Thinking that is kept secret. */
export const redactThinking = (text: string): string => enclose(FAMILY, text)

/** Whether such secret thinking came from Claude. */
export const isRedactedThinking = (data: string): boolean => disclose(FAMILY, data) !== undefined

/** What a signature is worth: `foreign` when it is not of this text, `bound` when it is of another conversation. */
export function checkSignature(
  signature: string,
  text: string,
  prefix: Prefix,
): 'good' | 'foreign' | 'bound' {
  const [bound = '', mac] = Buffer.from(signature, 'base64').toString().split('.')
  if (mac !== seal(FAMILY, text, bound)) return 'foreign'
  return bound === '' || prefix === '' || bound === prefix ? 'good' : 'bound'
}
