/** Patterns over model names, as organizations write them: `*` stands for any run of characters. */

/**
 * Whether one of the patterns allows the model. A pattern with a slash is held against `provider/model`, one without
 * against the provider's model id. No patterns at all allow everything. A private endpoint's name has a slash of its own:
 * a pattern that is this name allows all that it serves.
 */
export function allowsModel(patterns: readonly string[], provider: string, model: string): boolean {
  if (patterns.length === 0) return true
  const full = `${provider}/${model}`
  return patterns.some((pattern) =>
    pattern.includes('/')
      ? matchesWildcard(pattern, full) || pattern === provider
      : matchesWildcard(pattern, model),
  )
}

/** Whether every model of a provider's is allowed, so that nobody need know which one it is. */
export function allowsEveryModel(patterns: readonly string[], provider: string): boolean {
  if (patterns.length === 0) return true
  return patterns.some((pattern) => {
    if (!pattern.includes('/')) return pattern === '*'
    // What matches a star matches whatever stands there.
    return pattern === provider || matchesWildcard(pattern, `${provider}/*`)
  })
}

/** Linear in the text for each star: no regular expression is built from what an organization wrote. */
export function matchesWildcard(pattern: string, text: string): boolean {
  const parts = pattern.split('*')
  const head = parts[0] ?? ''
  const tail = parts.at(-1) ?? ''
  if (parts.length === 1) return pattern === text
  if (!text.startsWith(head) || !text.endsWith(tail)) return false
  if (text.length < head.length + tail.length) return false
  let at = head.length
  const end = text.length - tail.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found === -1 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}
