import type { AssistantPart, ChatMessage, ChatRequest, FilePart, Tool, UserPart } from './chat.ts'

/**
 * About how many tokens a request is, for places that must name a number before, or without, the provider's own count:
 * a quarter of a token for each byte of UTF-8 (four English letters to a token, three quarters of one for a Chinese
 * character), a third for schemas and arguments, whose JSON is denser, and a few for the frame of each message and tool.
 * Pictures, and files that are not text, count a flat sum, since only their provider knows how it cuts them. No tokens
 * may be charged for by it.
 */
export function estimateInputTokens({ messages, tools, outputFormat }: ChatRequest): number {
  let tokens = 0
  for (const message of messages) tokens += PER_MESSAGE + tokensOfMessage(message)
  for (const tool of tools) tokens += PER_TOOL + tokensOfTool(tool)
  if (outputFormat?.kind === 'json-schema') tokens += tokensOfJson(outputFormat.schema)
  return Math.ceil(tokens)
}

const PER_MESSAGE = 4
const PER_TOOL = 10
/** A picture of about a megapixel, or a page of a document. */
const PER_PICTURE = 1500
/** A PDF, which has a page of mostly text for about so many base64 characters. */
const BASE64_PER_PAGE = 100_000
/** Speech, at about ten tokens a second in 16 kilobytes. */
const BASE64_PER_AUDIO_TOKEN = 2000

function tokensOfMessage(message: ChatMessage): number {
  let tokens = 0
  for (const part of message.content) tokens += tokensOfPart(part)
  return tokens
}

function tokensOfPart(part: UserPart | AssistantPart): number {
  switch (part.kind) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return tokensOfText(part.text)
    case 'tool-call':
      return PER_MESSAGE + tokensOfText(part.name) + bytesOf(part.arguments) / 3
    case 'image':
      return PER_PICTURE
    case 'file':
      return tokensOfFile(part)
    case 'audio':
      return part.data.length / BASE64_PER_AUDIO_TOKEN
    default:
      return part satisfies never
  }
}

function tokensOfFile({ source }: FilePart): number {
  if (source.kind === 'text') return tokensOfText(source.text)
  if (source.kind !== 'data') return PER_PICTURE
  if (source.mediaType.startsWith('text/')) return (source.data.length * 3) / 16
  return PER_PICTURE * Math.ceil(source.data.length / BASE64_PER_PAGE)
}

function tokensOfTool({ name, description = '', parameters, grammar }: Tool): number {
  const rules = grammar === undefined ? 0 : tokensOfText(grammar.definition)
  return tokensOfText(name) + tokensOfText(description) + tokensOfJson(parameters ?? {}) + rules
}

function tokensOfText(text: string): number {
  return bytesOf(text) / 4
}

function tokensOfJson(value: object): number {
  return bytesOf(JSON.stringify(value)) / 3
}

/** The length of a text in UTF-8; half of a surrogate pair counts two. */
function bytesOf(text: string): number {
  let bytes = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0x80) continue
    bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2
  }
  return bytes
}
