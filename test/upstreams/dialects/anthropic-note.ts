/** What Anthropic's own client tells Anthropic in front of its instructions: the model never sees it. */
export const isOwnNote = (text: unknown): boolean =>
  typeof text === 'string' && text.startsWith('x-anthropic-billing-header')
