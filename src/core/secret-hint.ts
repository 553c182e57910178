/** So much of a secret's end may be shown. */
const HINT_CHARACTERS = 4
/** Of a shorter secret that would be too much. */
const MIN_SECRET_CHARACTERS = 12

/** What may be shown of a secret; null where that would be too much of it. */
export function secretHint(secret: string): string | null {
  return secret.length < MIN_SECRET_CHARACTERS ? null : secret.slice(-HINT_CHARACTERS)
}
