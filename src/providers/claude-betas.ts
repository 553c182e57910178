/** Anthropic's beta flags, and which of them its hosts take. */

/** Beta flags that Bedrock knows. One that it does not know fails the whole request. */
const BEDROCK_BETAS: ReadonlySet<string> = new Set([
  'compact-2026-01-12',
  'computer-use-2024-10-22',
  'computer-use-2025-01-24',
  'computer-use-2025-11-24',
  'context-1m-2025-08-07',
  'context-management-2025-06-27',
  'dev-full-thinking-2025-05-14',
  'effort-2025-11-24',
  'fine-grained-tool-streaming-2025-05-14',
  'interleaved-thinking-2025-05-14',
  'mcp-client-2025-04-04',
  'mcp-client-2025-11-20',
  'model-context-window-exceeded-2025-08-26',
  'output-128k-2025-02-19',
  'pdfs-2024-09-25',
  'search-results-2025-06-09',
  'thinking-binding-controls-2026-08-01',
  'thinking-display-updates-2026-08-18',
  'token-counting-2024-11-01',
  'token-efficient-tools-2025-02-19',
  'tool-examples-2025-10-29',
  'tool-search-tool-2025-10-19',
  'web-search-2025-03-05',
])

/** Those that Vertex knows; it refuses others likewise. */
const VERTEX_BETAS: ReadonlySet<string> = new Set([
  'compact-2026-01-12',
  'compact-2026-09-04',
  'computer-use-2025-01-24',
  'computer-use-2025-11-24',
  'context-1m-2025-08-07',
  'context-management-2025-06-27',
  'interleaved-thinking-2025-05-14',
  'per-turn-control-2026-07-01',
  'thinking-binding-controls-2026-08-01',
  'thinking-display-updates-2026-08-18',
  'tool-search-tool-2025-10-19',
  'web-search-2025-03-05',
])

/** Those of them that are refused where tokens are counted: https://github.com/anthropics/claude-code/issues/12429 */
const NOT_FOR_COUNTING: ReadonlySet<string> = new Set(['web-search-2025-03-05'])

/** Flags that both know under another name. */
const ALIASES: Readonly<Record<string, string>> = {
  'advanced-tool-use-2025-11-20': 'tool-search-tool-2025-10-19',
}

export interface Betas {
  readonly kept: readonly string[]
  readonly dropped: readonly string[]
}

/** The caller's `anthropic-beta` flags, split into those that Bedrock takes and those that it would refuse. */
export function bedrockBetas(header: string | null): Betas {
  return splitBetas(header, (flag) => BEDROCK_BETAS.has(flag))
}

/** The same for Vertex, for an answer or for a count of tokens. */
export function vertexBetas(header: string | null, isCounting = false): Betas {
  return splitBetas(
    header,
    (flag) => VERTEX_BETAS.has(flag) && !(isCounting && NOT_FOR_COUNTING.has(flag)),
  )
}

export const NO_BETAS: Betas = { kept: [], dropped: [] }

function splitBetas(header: string | null, isKnown: (flag: string) => boolean): Betas {
  const flags = (header ?? '')
    .split(',')
    .map((flag) => flag.trim())
    .filter((flag) => flag !== '')
    .map((flag) => (Object.hasOwn(ALIASES, flag) ? (ALIASES[flag] ?? flag) : flag))
  const unique = [...new Set(flags)]
  return {
    kept: unique.filter((flag) => isKnown(flag)),
    dropped: unique.filter((flag) => !isKnown(flag)),
  }
}
