/** The text of a failed call's result, in dialects that have no other way to say that it failed. */
export function failedResultText(text = 'the tool failed.'): string {
  return /^error/i.test(text) ? text : `Error: ${text}`
}
