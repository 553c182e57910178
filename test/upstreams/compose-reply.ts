import { heardIn, lastTurn, type OfferedTool, type Prompt } from './conversation.ts'
import { type CallPiece, type Finish, type Piece, type Reply, usageOf, wordsOf } from './reply.ts'
import { sampleOf, schemaIn } from './sample-of-schema.ts'
import type { InParts, Script, ScriptedAnswer, ScriptedPiece } from './script.ts'

const TOOL_ARGUMENTS = '{"city":"Paris"}'
const REASONING = 'The caller wants an echo – nothing more. Écho.'

/** What every model answers by default: who it is and what it heard, with text that is not ASCII. */
export function echo(speaker: string, heard: string): string {
  return `${speaker} heard: ${heard} · déjà vu 🗝️ 鍵`
}

/** The model: what the script says, else a tool call when one is due, else JSON where that is asked for, else an echo. */
export function composeReply(speaker: string, prompt: Prompt, script: Script): Reply {
  const heard = heardIn(prompt)
  const scripted = script.answer?.(prompt)
  if (scripted) return scriptedReply(scripted, heard)
  const tool = toolToCall(prompt, heard)
  const thought = prompt.thinks ? inParts(REASONING, 3) : []
  const pieces: Piece[] = [
    ...(thought.length > 0
      ? [{ kind: 'reasoning' as const, parts: thought, isRedacted: false }]
      : []),
    tool ? callOf(tool, heard) : { kind: 'text', parts: spoken(speaker, prompt, script) },
  ]
  return {
    pieces,
    finish: tool ? 'tool-calls' : 'stop',
    usage: usageOfPieces(pieces, heard),
    quirks: new Set(),
  }
}

function spoken(speaker: string, prompt: Prompt, { text, deltas }: Script): string[] {
  if (prompt.format === undefined) return inParts(text ?? echo(speaker, heardIn(prompt)), deltas)
  return cut(text ?? jsonFor(prompt), deltas)
}

function usageOfPieces(pieces: readonly Piece[], heard: string) {
  const words = (isThought: boolean) =>
    pieces
      .filter(({ kind }) => (kind === 'reasoning') === isThought)
      .map(wordsOf)
      .join('')
  return usageOf(heard, words(false), words(true))
}

function scriptedReply(answer: ScriptedAnswer, heard: string): Reply {
  const pieces = answer.say.map(pieceOf)
  return {
    pieces,
    finish: answer.finish ?? finishOf(pieces),
    finishWord: answer.finishWord,
    stopSequence: answer.stopSequence,
    usage: { ...usageOfPieces(pieces, heard), ...answer.usage },
    quirks: new Set(answer.quirks),
  }
}

function pieceOf(piece: ScriptedPiece): Piece {
  const parts = (text: InParts) => (typeof text === 'string' ? [text] : text)
  if ('text' in piece) return { kind: 'text', parts: parts(piece.text) }
  if ('refusal' in piece) return { kind: 'refusal', parts: parts(piece.refusal) }
  if ('reasoning' in piece) {
    const { reasoning, isRedacted = false } = piece
    return { kind: 'reasoning', parts: parts(reasoning), isRedacted }
  }
  return {
    kind: 'call',
    name: piece.call,
    parts: piece.arguments === undefined ? [] : parts(piece.arguments),
    id: piece.id,
  }
}

function finishOf(pieces: readonly Piece[]): Finish {
  if (pieces.some(({ kind }) => kind === 'call')) return 'tool-calls'
  return pieces.some(({ kind }) => kind === 'refusal') ? 'refusal' : 'stop'
}

// A tool is called when the choice leaves nothing else, or when no result came yet and either the weather is asked for or the instructions name a tool to call.
function toolToCall({ tools, choice, lines }: Prompt, heard: string): OfferedTool | undefined {
  if (choice === 'none') return undefined
  if (choice === 'required') return tools[0]
  if (choice !== 'auto') return tools.find(({ name }) => choice.only.includes(name))
  if (lastTurn(lines).some(({ kind }) => kind === 'result')) return undefined
  if (heard.includes('weather')) return tools[0]
  const told = lines.map((line) => (line.kind === 'system' ? line.text : '')).join('\n')
  return tools.find(({ name }) => told.includes(`tool ${name}`))
}

function callOf({ name, schema }: OfferedTool, heard: string): CallPiece {
  const asksWeather = heard.includes('weather') || schema === undefined
  const json = asksWeather ? TOOL_ARGUMENTS : JSON.stringify(sampleOf(schema))
  return { kind: 'call', name, parts: cut(json, 3) }
}

/** JSON that fits the schema; where the API took none, the one that was written out for the model. */
function jsonFor(prompt: Prompt): string {
  if (prompt.format !== true) return JSON.stringify(sampleOf(prompt.format))
  const told = prompt.lines.map((line) => ('text' in line ? line.text : '')).join('\n')
  const schema = schemaIn(told)
  return JSON.stringify(schema === undefined ? { heard: heardIn(prompt) } : sampleOf(schema))
}

/** Exactly `count` non-empty parts; a text too short for that is said again until it is enough. */
function inParts(text: string, count: number): string[] {
  if (text === '') return []
  let characters = Array.from(text)
  while (characters.length < count) characters = [...characters, ' ', ...Array.from(text)]
  return cut(characters.join(''), count)
}

/** Up to `count` non-empty parts, with no character cut in two. */
function cut(text: string, count: number): string[] {
  const characters = Array.from(text)
  const parts = Math.min(count, characters.length)
  const border = (part: number) => Math.floor((part * characters.length) / parts)
  return Array.from({ length: parts }, (_, part) =>
    characters.slice(border(part), border(part + 1)).join(''),
  )
}
