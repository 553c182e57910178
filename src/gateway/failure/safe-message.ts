import type { Credential } from '../../core/credentials.ts'

/** Longer messages are cut: an upstream's error can quote a whole prompt. */
const MAX_CHARACTERS = 2000
/** A shorter member of a credential is no secret, and is likely to be a word. */
const MIN_SECRET_CHARACTERS = 8
/** Members of credentials that are names and not secrets. */
const PUBLIC_MEMBERS = new Set(['kind', 'endpoint', 'projectId', 'clientEmail'])

/** An upstream's words, without the credential that it was called with, whole or in the masked forms they quote. */
export function safeMessage(message: string, credential: Credential): string {
  let safe = message
  for (const secret of secretsIn(credential)) safe = safe.replaceAll(secret, '[key]')
  return safe
    .replaceAll(/\b(?:sk|pk|rk|xai|kw|kwm|gsk|bedrock-api-key)[-_][A-Za-z0-9_\-*.]{6,}/g, '[key]')
    .replaceAll(/\bA[KS]IA[A-Z0-9]{8,}|\bya29\.[\w.-]+|\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '[key]')
    .slice(0, MAX_CHARACTERS)
}

function secretsIn(value: object): string[] {
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    if (typeof member === 'object' && member !== null) return secretsIn(member)
    const isSecret = typeof member === 'string' && !PUBLIC_MEMBERS.has(name)
    return isSecret && member.length >= MIN_SECRET_CHARACTERS ? [member] : []
  })
}
