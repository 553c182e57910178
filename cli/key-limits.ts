import { InvalidArgumentError } from 'commander'
import { wholeNumber } from './arguments.ts'

/** What the limits of an API key are that has none. The parser takes a null for no value, so it cannot be null yet. */
export const NO_LIMITS = 'none'

const NAMES: readonly string[] = ['requests_per_minute', 'tokens_per_minute', 'concurrent_requests']

/** `requests_per_minute=60,concurrent_requests=4`, or `none`. */
export function keyLimits(text: string): Readonly<Record<string, number>> | typeof NO_LIMITS {
  if (text === NO_LIMITS) return NO_LIMITS
  const entries = text.split(',').map((entry) => {
    const [name = '', number = '', ...more] = entry.split('=').map((part) => part.trim())
    if (NAMES.includes(name) && more.length === 0) return [name, wholeNumber(number)] as const
    throw new InvalidArgumentError(
      `It must be limits such as requests_per_minute=60, with commas between them, or ${NO_LIMITS}. There are ${NAMES.join(', ')}.`,
    )
  })
  return Object.fromEntries(entries)
}
