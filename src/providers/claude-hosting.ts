/**
 * What Amazon's and Google's hosting of Claude asks for, beside Anthropic's own Messages body.
 * https://platform.claude.com/docs/en/build-with-claude/claude-on-amazon-bedrock
 * https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai
 */

/** Beta flags that Bedrock knows. One that it does not know fails the whole request. */
const BEDROCK_BETAS = new Set([
  'computer-use-2024-10-22',
  'computer-use-2025-01-24',
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
  'token-counting-2024-11-01',
  'token-efficient-tools-2025-02-19',
  'tool-examples-2025-10-29',
  'tool-search-tool-2025-10-19',
  'web-search-2025-03-05',
])

/** Flags that Bedrock knows under another name. */
const BEDROCK_ALIASES: Readonly<Record<string, string>> = {
  'advanced-tool-use-2025-11-20': 'tool-search-tool-2025-10-19',
}

export interface Betas {
  readonly kept: readonly string[]
  readonly dropped: readonly string[]
}

/** The caller's `anthropic-beta` flags, split into those that Bedrock takes and those that it would refuse. */
export function bedrockBetas(header: string | null): Betas {
  const flags = (header ?? '')
    .split(',')
    .map((flag) => flag.trim())
    .filter((flag) => flag !== '')
    .map((flag) => (Object.hasOwn(BEDROCK_ALIASES, flag) ? (BEDROCK_ALIASES[flag] ?? flag) : flag))
  const unique = [...new Set(flags)]
  return {
    kept: unique.filter((flag) => BEDROCK_BETAS.has(flag)),
    dropped: unique.filter((flag) => !BEDROCK_BETAS.has(flag)),
  }
}
