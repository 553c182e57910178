import {
  chat,
  claude,
  converse,
  type Exchange,
  gemini,
  mistralChat,
  native,
  OPENAI,
  peer,
  type PeerExchange,
  responses,
  type Surface,
  universal,
} from './exchanges.ts'

/** One request to Keyway, the one that it becomes at the provider, and how the peer is asked for the same. */
export interface Way {
  readonly name: string
  readonly keyway: Exchange
  readonly native: Exchange
  /** Where the peer can do it. */
  readonly peer?: PeerExchange
}

/** A caller's format and a provider's, with the model's name on both sides. */
export interface Pair {
  readonly surface: Surface
  readonly to: string
  readonly model: string
  readonly native: (stream: boolean) => Exchange
  readonly peer?: (stream: boolean) => PeerExchange
}

/** Of OpenAI's models, one that speaks Responses alone. */
const OPENAI_RESPONSES = 'openai/gpt-5.3-codex'
const MISTRAL = 'mistral/mistral-large-4-0'
const ANTHROPIC = 'anthropic/claude-sonnet-5-5'
const BEDROCK = 'bedrock/us.amazon.nova-pro-v1:0'
const GEMINI = 'google_vertex_ai/gemini-3.8-flash'

const kind = (stream: boolean): string => (stream ? 'stream' : 'nonstream')

/** OpenAI's own protocol on both sides. */
export const nativeWay = (stream: boolean): Way => ({
  name: `native-${kind(stream)}`,
  keyway: native('openai', '/openai', chat(stream)),
  native: chat(stream),
  peer: peer.openai({ model: 'gpt-4.1', stream }),
})

export const pairWay = (pair: Pair, stream: boolean): Way => ({
  name: `${pair.surface}-${pair.to}-${kind(stream)}`,
  keyway: universal[pair.surface]({ model: pair.model, stream }),
  native: pair.native(stream),
  ...(pair.peer === undefined ? {} : { peer: pair.peer(stream) }),
})

export const SAME_FORMAT: Pair = {
  surface: 'chat',
  to: 'same-format',
  model: OPENAI,
  native: chat,
  peer: (stream) => peer.openai({ model: 'gpt-4.1', stream }),
}
export const TO_ANTHROPIC: Pair = {
  surface: 'chat',
  to: 'to-anthropic',
  model: ANTHROPIC,
  native: claude,
  peer: (stream) => peer.anthropic({ model: 'claude-sonnet-5-5', stream }),
}
export const TO_BEDROCK: Pair = {
  surface: 'chat',
  to: 'to-bedrock',
  model: BEDROCK,
  native: converse,
  peer: (stream) => peer.bedrock({ model: 'us.amazon.nova-pro-v1:0', stream }),
}
export const TO_GEMINI: Pair = {
  surface: 'chat',
  to: 'to-gemini',
  model: GEMINI,
  native: gemini,
  peer: (stream) => peer.gemini({ model: 'google.gemini-3.8-flash', stream }),
}
export const RESPONSES_TO_ANTHROPIC: Pair = {
  surface: 'responses',
  to: 'to-anthropic',
  model: ANTHROPIC,
  native: claude,
}

/** Every two formats that meet in translation. */
export const PAIRS: readonly Pair[] = [
  TO_ANTHROPIC,
  TO_BEDROCK,
  TO_GEMINI,
  { surface: 'chat', to: 'to-responses', model: OPENAI_RESPONSES, native: responses },
  { surface: 'responses', to: 'to-chat', model: MISTRAL, native: mistralChat },
  RESPONSES_TO_ANTHROPIC,
  { surface: 'responses', to: 'to-bedrock', model: BEDROCK, native: converse },
  { surface: 'responses', to: 'to-gemini', model: GEMINI, native: gemini },
  { surface: 'messages', to: 'to-chat', model: OPENAI, native: chat },
  { surface: 'messages', to: 'to-responses', model: OPENAI_RESPONSES, native: responses },
  { surface: 'messages', to: 'to-bedrock', model: BEDROCK, native: converse },
  { surface: 'messages', to: 'to-gemini', model: GEMINI, native: gemini },
]
