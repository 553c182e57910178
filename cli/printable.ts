/** Words of others for people: without what is not a letter, a sign or the end of a line, since a terminal might obey it. */
export function printable(text: string): string {
  return text.replaceAll(/[[\p{Cc}\p{Cf}\p{Cs}]--\n]+/gv, ' ')
}
