/** What the parser says of a mistake, without the values that it quotes: one of them could be a secret. */
export function safeUsageError(text: string): string {
  const plain = text
    // --key=sk-… : the name is enough.
    .replaceAll(/'(--?[\w-]+)=[^']*'/g, "'$1'")
    // argument 'sk-…' is invalid; unknown command 'sk-…'
    .replaceAll(/(argument|command|choices are .*; got) '([^']*)'/g, (whole, what, value: string) =>
      isWord(value) ? whole : `${what} of that value`,
    )
  const flag = /unknown option '(--[\w-]+)'/.exec(plain)?.[1] ?? ''
  return `keyway: ${plain.replace(/^error: /, '')}${SECRET_FLAGS.test(flag) ? NEVER_AN_ARGUMENT : ''}`
}

/** Names of commands and options that somebody mistyped. */
const isWord = (value: string): boolean =>
  /^[a-z][a-z-]{0,24}$/.test(value) && !value.startsWith('sk-')

const SECRET_FLAGS = /^--(?:(?:api-|provider-)?key|token|secret|password|admin-token)$/

const NEVER_AN_ARGUMENT = `
Secrets are no arguments, since others on the machine can see those. Keys come from --key-env NAME, --key-file PATH,
--key-stdin or --key-k8s-secret NAMESPACE/NAME/FIELD; the token from KEYWAY_TOKEN, --token-env NAME or --token-file PATH.
`
