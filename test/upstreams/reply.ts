/** What a stand-in understood of a request, whatever format it came in. */
export interface Prompt {
  /** The last user text, or the last tool result when that came later. */
  heard: string
  /** Name of the first tool offered; absent when a tool result was just brought. */
  tool?: string | undefined
  /** Whether the answer shows reasoning. */
  thinks: boolean
}

/** Token counts in one meaning for all: `input` includes `cached`, `output` excludes `reasoning`. */
export interface Usage {
  input: number
  cached: number
  output: number
  reasoning: number
}

/** What the model says, before any provider's format. */
export interface Reply {
  text: string
  deltas: readonly string[]
  reasoning: readonly string[]
  tool?: { name: string; json: string; parts: readonly string[] }
  usage: Usage
}

/** How the models answer: `text` instead of the echo, in how many parts, how far apart. */
export interface Script {
  text?: string
  deltas: number
  gapMs: number
}

const TOOL_ARGUMENTS = '{"city":"Paris"}'
const REASONING = 'The caller wants an echo – nothing more. Écho.'

/** What every model answers by default: who it is and what it heard, with text that is not ASCII. */
export function echo(speaker: string, heard: string): string {
  return `${speaker} heard: ${heard} · déjà vu 🗝️ 鍵`
}

/** The model: a tool call when a tool is offered and the weather is asked for, else an echo. */
export function composeReply(speaker: string, prompt: Prompt, script: Script): Reply {
  const reasoning = prompt.thinks ? inParts(REASONING, 3) : []
  const calls = prompt.tool !== undefined && prompt.heard.includes('weather')
  const wanted = script.text ?? echo(speaker, prompt.heard)
  const deltas = calls ? [] : inParts(wanted, script.deltas)
  const text = deltas.join('')
  return {
    text,
    deltas,
    reasoning,
    ...(calls && prompt.tool !== undefined && { tool: weatherCall(prompt.tool) }),
    usage: usageOf(prompt.heard, calls ? TOOL_ARGUMENTS : text, reasoning.join('')),
  }
}

/** Token counts that follow from the lengths of what was heard and said. */
export function usageOf(heard: string, said: string, thought = ''): Usage {
  const input = 8 + Math.ceil(heard.length / 4)
  return {
    input,
    cached: Math.floor(input / 4),
    output: Math.ceil(said.length / 4),
    reasoning: Math.ceil(thought.length / 4),
  }
}

function weatherCall(name: string) {
  return { name, json: TOOL_ARGUMENTS, parts: inParts(TOOL_ARGUMENTS, 3) }
}

/** Exactly `count` non-empty parts; a text too short for that is said again until it is enough. */
function inParts(text: string, count: number): string[] {
  if (text === '') return []
  let characters = Array.from(text)
  while (characters.length < count) characters = [...characters, ' ', ...Array.from(text)]
  return Array.from({ length: count }, (_, part) =>
    characters
      .slice(
        Math.floor((part * characters.length) / count),
        Math.floor(((part + 1) * characters.length) / count),
      )
      .join(''),
  )
}
