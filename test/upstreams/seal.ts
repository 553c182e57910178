import { createHmac } from 'node:crypto'

// The same in every run: a conversation may outlive a restart of the stand-ins.
const KEY = 'what only the stand-ins know'

/** A signature of a family of models over facts, in base64. */
export function seal(family: string, ...facts: readonly string[]): string {
  return createHmac('sha384', KEY)
    .update(JSON.stringify([family, ...facts]))
    .digest('base64')
}

/** A text that only its family can read again, in base64. */
export function enclose(family: string, text: string): string {
  const content = Buffer.from(text).toString('base64')
  return Buffer.from(`${seal(family, content)}.${content}`).toString('base64')
}

/** The text of such an envelope; undefined where it is not that family's, or broken. */
export function disclose(family: string, envelope: string): string | undefined {
  const [mac = '', content = ''] = Buffer.from(envelope, 'base64').toString().split('.')
  return mac === seal(family, content) ? Buffer.from(content, 'base64').toString() : undefined
}
