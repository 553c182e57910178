import type { JsonObject } from '../../../../src/core/parse.ts'
import { packProof } from '../../../../src/core/reasoning-proof.ts'
import type { ClientChatFormat } from '../../../../src/core/wire-format.ts'
import {
  type Call,
  resultsOf,
  type Round,
  type Saying,
  type Talk,
  type Thought,
  TOOL_NAMES,
} from './talk.ts'

/** A conversation as a caller of a format would write it. */
type Writer = (talk: Talk) => JsonObject

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const PDF = 'JVBERi0xLjQKJSVFT0YK'
const IMAGE_URL = `data:image/png;base64,${PNG}`
const FILE_URL = `data:application/pdf;base64,${PDF}`

const PARAMETERS = {
  type: 'object',
  properties: { a: { type: 'string' }, 'b é': {}, '': {} },
  additionalProperties: false,
}
const ANSWER = {
  type: 'object',
  properties: { answer: { type: 'string' } },
  required: ['answer'],
  additionalProperties: false,
}

const isBlank = (text: string) => text.trim() === ''

// --- Chat Completions

const chat: Writer = ({ instructions, opening, rounds, wishes }) => ({
  messages: [
    ...instructions.map((content) => ({ role: 'system', content })),
    ...opening.map(chatSaying),
    ...rounds.flatMap((round) => [
      chatAnswer(round),
      ...resultsOf(round).map(chatResult),
      ...round.after.map(chatSaying),
    ]),
  ],
  tools: TOOL_NAMES.map((name) => ({
    type: 'function',
    function: { name, parameters: PARAMETERS },
  })),
  stream: wishes.stream,
  max_completion_tokens: wishes.maxTokens,
  temperature: wishes.temperature,
  reasoning_effort: wishes.effort,
  tool_choice: wishes.toolChoice,
  parallel_tool_calls: wishes.isSerial ? false : undefined,
  stop: wishes.stop.length === 0 ? undefined : wishes.stop,
  response_format: wishes.wantsJson
    ? { type: 'json_schema', json_schema: { name: 'answer', schema: ANSWER, strict: true } }
    : undefined,
})

function chatSaying(saying: Saying): JsonObject {
  if (saying.role === 'system') {
    return { role: 'developer', content: saying.texts.map((text) => ({ type: 'text', text })) }
  }
  const [first, ...more] = saying.parts
  if (first?.kind === 'text' && more.length === 0) return { role: 'user', content: first.text }
  return {
    role: 'user',
    content: saying.parts.map((part) => {
      if (part.kind === 'text') return { type: 'text', text: part.text }
      return part.kind === 'image'
        ? { type: 'image_url', image_url: { url: IMAGE_URL } }
        : { type: 'file', file: { filename: 'a.pdf', file_data: FILE_URL } }
    }),
  }
}

function chatAnswer({ thoughts, texts, refusal, calls }: Round): JsonObject {
  return {
    role: 'assistant',
    content: texts.length === 0 ? null : texts.map((text) => ({ type: 'text', text })),
    ...(refusal === undefined ? {} : { refusal }),
    ...(thoughts.length === 0 ? {} : { thinking_blocks: thoughts.flatMap(chatThought) }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(chatCall) }),
  }
}

function chatThought({ text, proof }: Thought): readonly JsonObject[] {
  const shown = { type: 'thinking', thinking: text }
  if (proof === undefined) return [shown]
  return proof.kind === 'signature'
    ? [{ ...shown, signature: packProof(proof) }]
    : [shown, { type: 'redacted_thinking', data: packProof(proof) }]
}

const chatCall = ({ id, name, input }: Call): JsonObject => ({
  id,
  type: 'function',
  function: { name, arguments: JSON.stringify(input) },
})

const chatResult = ({ id, results }: Call): JsonObject => ({
  role: 'tool',
  tool_call_id: id,
  content: results.length === 1 ? results[0] : results.map((text) => ({ type: 'text', text })),
})

// --- Responses

const responses: Writer = ({ instructions, opening, rounds, wishes }) => ({
  instructions: instructions.length === 0 ? undefined : instructions.join('\n'),
  input: [
    ...opening.map(itemOfSaying),
    ...rounds.flatMap((round) => [
      ...itemsOfAnswer(round),
      ...resultsOf(round).map(itemOfResult),
      ...round.after.map(itemOfSaying),
    ]),
  ],
  tools: TOOL_NAMES.map((name) => ({
    type: 'function',
    name,
    parameters: PARAMETERS,
    strict: false,
  })),
  stream: wishes.stream,
  max_output_tokens: wishes.maxTokens,
  temperature: wishes.temperature,
  reasoning: wishes.effort === undefined ? undefined : { effort: wishes.effort, summary: 'auto' },
  tool_choice: wishes.toolChoice,
  parallel_tool_calls: !wishes.isSerial,
  text: wishes.wantsJson
    ? { format: { type: 'json_schema', name: 'answer', schema: ANSWER, strict: true } }
    : undefined,
})

function itemOfSaying(saying: Saying): JsonObject {
  if (saying.role === 'system') {
    const content = saying.texts.map((text) => ({ type: 'input_text', text }))
    return { type: 'message', role: 'developer', content }
  }
  const content = saying.parts.map((part) => {
    if (part.kind === 'text') return { type: 'input_text', text: part.text }
    return part.kind === 'image'
      ? { type: 'input_image', image_url: IMAGE_URL, detail: 'auto' }
      : { type: 'input_file', filename: 'a.pdf', file_data: FILE_URL }
  })
  return { role: 'user', content }
}

function itemsOfAnswer({ thoughts, texts, refusal, calls }: Round): readonly JsonObject[] {
  const content = [
    ...texts.map((text) => ({ type: 'output_text', text, annotations: [] })),
    ...(refusal === undefined ? [] : [{ type: 'refusal', refusal }]),
  ]
  return [
    ...thoughts.map(itemOfThought),
    ...(content.length === 0 ? [] : [{ type: 'message', role: 'assistant', content }]),
    ...calls.map(({ id, name, input }) => ({
      type: 'function_call',
      call_id: id,
      name,
      arguments: JSON.stringify(input),
    })),
  ]
}

function itemOfThought({ text, proof }: Thought): JsonObject {
  const summary = text === '' ? [] : [{ type: 'summary_text', text }]
  if (proof === undefined) return { type: 'reasoning', summary }
  const envelope = JSON.stringify([proof.kind, packProof(proof), text])
  const packed = `kwreason.${Buffer.from(envelope).toString('base64url')}`
  const encrypted_content = proof.family === 'gpt' ? proof.value : packed
  return { type: 'reasoning', summary, encrypted_content }
}

function itemOfResult({ id, results, hasImage }: Call): JsonObject {
  const parts = results.map((text) => ({ type: 'input_text', text }))
  const image = { type: 'input_image', image_url: IMAGE_URL, detail: 'auto' }
  const output = hasImage ? [...parts, image] : results.length === 1 ? results[0] : parts
  return { type: 'function_call_output', call_id: id, output }
}

// --- Messages, in which no text is blank, ids are plain, and all that users say is one turn

const messages: Writer = ({ instructions, opening, rounds, wishes }) => ({
  max_tokens: wishes.maxTokens ?? 2000,
  system: textBlocks(instructions),
  messages: [
    ...opening.flatMap(messageOfSaying),
    ...rounds.flatMap((round) => [
      ...messageOfAnswer(round),
      ...messageOfResults(round),
      ...round.after.flatMap(messageOfSaying),
    ]),
  ],
  tools: TOOL_NAMES.map((name) => ({ name, input_schema: PARAMETERS })),
  stream: wishes.stream,
  temperature: wishes.temperature,
  ...thinkingOf(wishes),
  tool_choice: toolChoiceOf(wishes),
  stop_sequences: wishes.stop.filter((text) => !isBlank(text)),
})

const textBlocks = (texts: readonly string[]): readonly JsonObject[] =>
  texts.filter((text) => !isBlank(text)).map((text) => ({ type: 'text', text }))
const plainId = (id: string) => id.replaceAll(/[^a-zA-Z0-9_-]/g, '-')
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } }
const document = {
  type: 'document',
  source: { type: 'base64', media_type: 'application/pdf', data: PDF },
}

function toolChoiceOf({ toolChoice, isSerial }: Talk['wishes']): JsonObject | undefined {
  if (toolChoice === undefined && !isSerial) return undefined
  if (toolChoice === 'none') return { type: 'none' }
  const type = toolChoice === 'required' ? 'any' : 'auto'
  return { type, disable_parallel_tool_use: isSerial }
}

function thinkingOf({ effort, maxTokens = 2000, wantsJson }: Talk['wishes']): JsonObject {
  const format = wantsJson ? { type: 'json_schema', schema: ANSWER } : undefined
  const output_config = { effort: effort === 'low' ? 'low' : undefined, format }
  if (effort === undefined || effort === 'low') return { output_config }
  if (effort === 'none') return { output_config, thinking: { type: 'disabled' } }
  const isManual = effort === 'medium' && maxTokens > 1024
  const thinking = isManual ? { type: 'enabled', budget_tokens: 1024 } : { type: 'adaptive' }
  return { output_config, thinking }
}

function messageOfSaying(saying: Saying): readonly JsonObject[] {
  const content =
    saying.role === 'system'
      ? textBlocks(saying.texts)
      : saying.parts.flatMap((part): readonly JsonObject[] => {
          if (part.kind === 'text') return textBlocks([part.text])
          return [part.kind === 'image' ? image : document]
        })
  return content.length === 0 ? [] : [{ role: saying.role, content }]
}

function messageOfAnswer({ thoughts, texts, refusal = '', calls }: Round): readonly JsonObject[] {
  const content = [
    ...thoughts.flatMap(thoughtBlocks),
    ...textBlocks([...texts, refusal]),
    ...calls.map(({ id, name, input }) => ({ type: 'tool_use', id: plainId(id), name, input })),
  ]
  return content.length === 0 ? [] : [{ role: 'assistant', content }]
}

function thoughtBlocks({ text, proof }: Thought): readonly JsonObject[] {
  if (proof === undefined) return [{ type: 'thinking', thinking: text, signature: '' }]
  if (proof.kind === 'signature') {
    return [{ type: 'thinking', thinking: text, signature: packProof(proof) }]
  }
  const redacted = { type: 'redacted_thinking', data: packProof(proof) }
  return text === '' ? [redacted] : [{ type: 'thinking', thinking: text, signature: '' }, redacted]
}

function messageOfResults(round: Round): readonly JsonObject[] {
  const content = resultsOf(round).map(({ id, results, isError, hasImage }) => ({
    type: 'tool_result',
    tool_use_id: plainId(id),
    content: [...textBlocks(results), ...(hasImage ? [image] : [])],
    is_error: isError,
  }))
  return content.length === 0 ? [] : [{ role: 'user', content }]
}

export const WRITERS: Readonly<Record<ClientChatFormat, Writer>> = {
  'openai-chat': chat,
  'openai-responses': responses,
  'anthropic-messages': messages,
}
