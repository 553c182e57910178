/**
 * The note to its provider that Claude Code puts in front of its instructions. It is another in each request, and so would
 * defeat every cache of what follows it. Anthropic takes it off and knows subscriptions by it; Bedrock refuses it.
 * https://code.claude.com/docs/en/llm-gateway-protocol
 */
const NOTE = /^x-anthropic-billing-header:.*\n*/

/** Instructions without the note in their first line; nothing where there is only the note. */
export function withoutAttributionNote(text: string): string {
  return text.startsWith('x-') ? text.replace(NOTE, '') : text
}
