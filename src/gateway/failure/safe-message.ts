import type { Credential } from '../../core/credentials.ts'
import { defined } from '../../core/read.ts'
import type { UpstreamErrorBody } from '../../core/wire-format.ts'

/** Longer messages are cut: an upstream's error can quote a whole prompt. */
const MAX_CHARACTERS = 2000
/** More than this is not even looked at: what comes in a stream can be megabytes. */
const MAX_SEEN = 8192
/** A shorter member of a credential is no secret, and is likely to be a word. */
const MIN_SECRET_CHARACTERS = 8
/** Members of credentials that are names and not secrets. */
const PUBLIC_MEMBERS = new Set(['kind', 'endpoint', 'projectId', 'clientEmail'])

/** Three runs or more, or what is left of them, from where they begin: looked for at each character, it would take for ever. */
const TOKEN = /(?<![\w-])[\w-]+(?:\.[\w-]+){2,}/g
const TORN_TOKEN = /(?<![\w.-])[\w.-]+$/

const withoutToken = (run: string): string => (run.includes('eyJ') ? '[key]' : run)

/** An upstream's words, without the credential that it was called with, whole or in the masked forms they quote. */
export function safeMessage(message: string, credential: Credential): string {
  const secrets = secretsIn(credential)
  let safe = message.slice(0, MAX_SEEN)
  for (const secret of secrets) safe = safe.replaceAll(secret, '[key]')
  safe = safe
    .replaceAll(/\b(?:sk|pk|rk|xai|kw|kwm|gsk|bedrock-api-key)[-_][A-Za-z0-9_\-*.]{6,}/g, '[key]')
    .replaceAll(/\bA[KS]IA[A-Z0-9]{8,}|\bya29\.[\w.-]+/g, '[key]')
    .replaceAll(TOKEN, withoutToken)
  if (message.length > MAX_SEEN) safe = withoutTornEnd(safe, secrets)
  return safe.slice(0, MAX_CHARACTERS)
}

/** What is left of a secret that was cut in two is not known by any of the above: so much of the end goes as could be that. */
function withoutTornEnd(text: string, secrets: readonly string[]): string {
  const longest = Math.max(0, ...secrets.map(({ length }) => length))
  const kept = text.slice(0, Math.max(0, text.length - longest))
  return `${kept.replace(TORN_TOKEN, withoutToken)}…`
}

type Words = Partial<Pick<UpstreamErrorBody, 'type' | 'code' | 'param'>>

const PLAIN_WORDS = /^[\w .:/-]{1,100}$/
const MAX_PARAM_CHARACTERS = 200

/** The words by which an upstream calls an error, where they are no more than that, and the field that it names. */
export function safeWords({ type, code, param }: Words, credential: Credential): Words {
  const plain = (word = ''): string | undefined =>
    PLAIN_WORDS.test(word) && safeMessage(word, credential) === word ? word : undefined
  const field = param && safeMessage(param, credential).slice(0, MAX_PARAM_CHARACTERS)
  return defined({ type: plain(type), code: plain(code), param: field })
}

function secretsIn(value: object): string[] {
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    if (typeof member === 'object' && member !== null) return secretsIn(member)
    const isSecret = typeof member === 'string' && !PUBLIC_MEMBERS.has(name)
    return isSecret && member.length >= MIN_SECRET_CHARACTERS ? [member] : []
  })
}
