import type { ProviderName } from '../../upstreams/stand-ins.ts'
import type { Caller } from './caller.ts'

/** What an upstream does with reasoning that it is given back. */
export type Proof =
  /** Takes it with its signature only, and only with the right one. */
  | 'signed'
  /** Signs calls instead. */
  | 'signed-calls'
  /** Takes it encrypted. */
  | 'encrypted'
  /** Takes the text of it. */
  | 'text'
  /** Keeps it to itself, or wants none back. */
  | 'none'

/** One row of the matrix: an upstream format, and a provider that speaks it. */
export interface Upstream {
  readonly name: string
  readonly provider: ProviderName
  readonly model: string
  /** A model that sees, where the first does not. */
  readonly seeing?: string
  /** A model that reasons, where the first does not. */
  readonly thinking?: string
  readonly proof: Proof
  /** Ids of calls that other providers would not take, for the calls of a trip. */
  readonly oddIds?: readonly string[]
  /** False where answers are never withheld. */
  readonly withholds?: false
  /** False where no model can be made to call a tool. */
  readonly canBeForced?: false
  /** False where an error in a stream does not tell that the provider is overloaded. */
  readonly saysOverload?: false
  /** Whether its reasoning is shown on a surface. */
  shows(format: Caller['format']): boolean
}

const always = () => true
const never = () => false
const onResponses = (format: Caller['format']) => format === 'openai-responses'

export const UPSTREAMS: readonly Upstream[] = [
  {
    name: 'openai chat',
    provider: 'openai',
    model: 'openai/gpt-4.1',
    thinking: 'openai/gpt-6-sol',
    proof: 'none',
    shows: onResponses,
  },
  {
    name: 'openai responses',
    provider: 'openai',
    model: 'openai/gpt-5.3-codex',
    proof: 'encrypted',
    // Summaries are shown to those who ask for them, and chat has no words for that.
    shows: (format) => format !== 'openai-chat',
  },
  {
    name: 'anthropic',
    provider: 'anthropic',
    model: 'anthropic/claude-sonnet-5-5',
    proof: 'signed',
    shows: always,
  },
  {
    name: 'claude on vertex',
    provider: 'google_vertex_ai',
    model: 'google_vertex_ai/claude-sonnet-5-5',
    proof: 'signed',
    shows: always,
  },
  {
    name: 'claude on bedrock',
    provider: 'bedrock',
    model: 'bedrock/us.anthropic.claude-opus-4-8',
    proof: 'signed',
    shows: always,
  },
  {
    name: 'nova through converse',
    provider: 'bedrock',
    model: 'bedrock/amazon.nova-lite-v1:0',
    thinking: 'bedrock/us.amazon.nova-2-lite-v1:0',
    proof: 'none',
    shows: always,
  },
  {
    name: 'gemini',
    provider: 'google_vertex_ai',
    model: 'google_vertex_ai/gemini-3.8-flash',
    proof: 'signed-calls',
    shows: always,
  },
  {
    name: 'mistral',
    provider: 'mistral',
    model: 'mistral/mistral-large-4-0',
    withholds: false,
    proof: 'text',
    shows: always,
  },
  {
    name: 'deepseek',
    provider: 'deepseek',
    model: 'deepseek/deepseek-v4-pro',
    seeing: 'deepseek/deepseek-v4-flash-vision-exp',
    saysOverload: false,
    proof: 'text',
    shows: always,
  },
  {
    name: 'xai',
    provider: 'xai',
    model: 'xai/grok-4.7',
    oddIds: ['functions.get_weather:0', 'functions.get_weather:1', 'functions.get_time:2'],
    proof: 'none',
    shows: always,
  },
  {
    name: 'zai',
    provider: 'zai',
    model: 'zai/glm-5.3',
    oddIds: ['call|1/ö', 'call|2/ö', `call_${'x'.repeat(30)}`],
    seeing: 'zai/glm-4.6v',
    canBeForced: false,
    proof: 'text',
    shows: always,
  },
  {
    name: 'azure',
    provider: 'azure',
    model: 'azure/my-deployment',
    proof: 'none',
    shows: never,
  },
]
