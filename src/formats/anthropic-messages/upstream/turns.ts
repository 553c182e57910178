/** A block of content, on its way into a body. */
export type Block = Record<string, unknown>

export interface Turn {
  readonly role: 'user' | 'assistant'
  readonly content: Block[]
}

export function hasResults({ content }: Turn): boolean {
  return content.some(({ type }) => type === 'tool_result')
}
