import { usage } from './failure.ts'

/** Throws when a secret stands among the arguments, before anything is parsed, and does not say it again. */
export function refuseSecrets(words: readonly string[]): void {
  const isFlag = words.some((word) => SECRET_FLAG.test(word))
  const isSecret = words.some((word) => SECRET.test(word))
  if (isFlag) throw usage('Secrets are no arguments: others on this machine can see those.', PLACES)
  if (!isSecret) return
  throw usage(
    'An argument looks like a secret. Others on this machine can see it, and the shell may remember it.',
    `${PLACES}\nIf it is one, replace it.`,
  )
}

const SECRET_FLAG = /^--(?:(?:provider-)?key|token|secret-key|password|admin-token)(?:=|$)/

/** How keys of Keyway, OpenAI and Anthropic, xAI and Google, and private keys begin, with enough after it to be one. */
const SECRET = /^(?:kw[mc]?_[0-9A-Za-z]{20}|sk-[\w-]{16}|xai-\w{16}|AIza[\w-]{20}|-----BEGIN )/

const PLACES = `Keys come from --key-env NAME, --key-file PATH, --key-stdin or --key-k8s-secret NAMESPACE/NAME/FIELD;
the token from KEYWAY_TOKEN, --token-env NAME or --token-file PATH.`

/** What the parser says of a mistake, without the values that it quotes: one of them could be a secret. */
export function safeUsageError(text: string): string {
  const plain = text
    // --name=sk-… : the name is enough.
    .replaceAll(/'(--?[\w-]+)=[^']*'/g, "'$1'")
    // argument 'sk-…' is invalid; unknown command 'sk-…'
    .replaceAll(/(argument|command) '([^']*)'/g, (whole, what: string, value: string) =>
      isWord(value) ? whole : `${what} of that value`,
    )
  return `keyway: ${plain.replace(/^error: /, '')}`
}

/** Names of commands and options that somebody mistyped. */
const isWord = (value: string): boolean => /^[a-z][a-z-]{0,24}$/.test(value)
