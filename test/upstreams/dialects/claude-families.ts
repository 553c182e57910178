/** What a family of Claude models takes. */
export interface ClaudeFamily {
  sampling: boolean
  /** Types of `thinking`. */
  thinking: readonly string[]
  /** Efforts with which thinking may be disabled; undefined: with all. */
  disabledWith?: readonly string[]
  /** Whether it can be made to call a tool. */
  forced: boolean
  prefill: boolean
  efforts: readonly string[]
  structured: boolean
  maxOutput: number
  /** Whether its thinking holds only in the conversation in which it was thought. */
  bindsThinking: boolean
  /** Whether there may be instructions in the middle of a conversation. */
  midSystem: boolean
}

const LOW_TO_HIGH = ['low', 'medium', 'high']
const ALL_EFFORTS = [...LOW_TO_HIGH, 'xhigh', 'max']

const first: ClaudeFamily = {
  sampling: true,
  thinking: ['enabled', 'disabled'],
  forced: true,
  prefill: true,
  efforts: [],
  structured: false,
  maxOutput: 64_000,
  bindsThinking: false,
  midSystem: false,
}
const fourFive = { ...first, structured: true }
const fourSix = {
  ...fourFive,
  thinking: ['adaptive', 'enabled', 'disabled'],
  prefill: false,
  efforts: [...LOW_TO_HIGH, 'max'],
  maxOutput: 128_000,
}
const fourSeven = {
  ...fourSix,
  sampling: false,
  thinking: ['adaptive', 'disabled'],
  efforts: ALL_EFFORTS,
}
const fourEight = { ...fourSeven, midSystem: true }
const fiveAlwaysThinking = { ...fourEight, thinking: ['adaptive'] }
const newest = { ...fiveAlwaysThinking, forced: false, bindsThinking: true }

const families: Record<string, ClaudeFamily> = {
  '3': { ...first, maxOutput: 4096 },
  'opus-4': { ...first, maxOutput: 32_000 },
  'opus-4-0': { ...first, maxOutput: 32_000 },
  'opus-4-1': { ...fourFive, maxOutput: 32_000 },
  'sonnet-4': first,
  'sonnet-4-0': first,
  'opus-4-5': { ...fourFive, efforts: LOW_TO_HIGH },
  'sonnet-4-5': fourFive,
  'haiku-4-5': fourFive,
  'opus-4-6': fourSix,
  'sonnet-4-6': fourSix,
  'opus-4-7': fourSeven,
  'opus-4-8': fourEight,
  'sonnet-5': fourEight,
  'opus-5': { ...fourEight, disabledWith: LOW_TO_HIGH },
  'fable-5': fiveAlwaysThinking,
  'mythos-5': fiveAlwaysThinking,
  'sonnet-5-5': { ...newest, thinking: ['adaptive', 'between_tools'] },
  'haiku-5-5': {
    ...newest,
    thinking: ['adaptive', 'disabled'],
    disabledWith: LOW_TO_HIGH,
    forced: true,
  },
}

/** The family of a model, whatever date or host's prefix its id has; one that nobody knows is of the newest. */
export function claudeFamilyOf(model: string): ClaudeFamily {
  if (/claude-3/.test(model)) return families['3'] ?? newest
  const name = /claude-([a-z]+-\d+(?:-\d{1,2}(?!\d))?)/.exec(model)?.[1] ?? ''
  return families[name] ?? newest
}
