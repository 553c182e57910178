/** The text of a message's content: a string, or all parts that have a text. */
export function saidText(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map(textOf).join('')
}

function textOf(part: unknown): string {
  if (typeof part !== 'object' || part === null || !('text' in part)) return ''
  return typeof part.text === 'string' ? part.text : ''
}
