import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/core/parse.ts'
import type { ClientFormat } from '../../../src/core/translation.ts'
import { anthropicMessagesClient } from '../../../src/formats/anthropic-messages/client.ts'
import { geminiUpstream } from '../../../src/formats/gemini/upstream.ts'
import { openAiChatClient } from '../../../src/formats/openai-chat/client.ts'
import { openAiResponsesClient } from '../../../src/formats/openai-responses/client.ts'
import { geminiProfile } from '../../../src/providers/models/gemini.ts'
import { chunk, encode } from './fixtures.ts'

/** What Gemini signs finds its way through every format of callers, and back onto the part that it was on. */

const model = 'gemini-3.7-flash'
const parameters = { type: 'object', properties: { at: { type: 'integer' } } }

interface Surface {
  readonly client: ClientFormat
  readonly first: JsonObject
  /** The request that gives an answer back, with the results of its calls or another word of the user's. */
  readonly next: (answer: JsonObject, results: readonly string[]) => JsonObject
}

interface ChatBody {
  readonly choices: readonly {
    readonly message: JsonObject & { readonly tool_calls?: readonly { readonly id: string }[] }
  }[]
}
interface MessagesBody {
  readonly content: readonly { readonly type: string; readonly id: string }[]
}
interface ResponsesBody {
  readonly output: readonly { readonly type: string; readonly call_id: string }[]
}

const chatFirst = {
  model,
  messages: [{ role: 'user', content: 'Look.' }],
  tools: [{ type: 'function', function: { name: 'look', parameters } }],
}
const messagesFirst = {
  model,
  max_tokens: 4096,
  thinking: { type: 'adaptive' },
  messages: [{ role: 'user', content: 'Look.' }],
  tools: [{ name: 'look', input_schema: parameters }],
}
const responsesFirst = {
  model,
  input: [{ type: 'message', role: 'user', content: 'Look.' }],
  include: ['reasoning.encrypted_content'],
  store: false,
  tools: [{ type: 'function', name: 'look', parameters, strict: null }],
}

const SURFACES: Readonly<Record<string, Surface>> = {
  'Chat Completions': {
    client: openAiChatClient,
    first: chatFirst,
    next(answer, results) {
      const { message } = (answer as unknown as ChatBody).choices[0] ?? { message: {} }
      const answers = (message.tool_calls ?? []).map(({ id }, index) => ({
        role: 'tool',
        tool_call_id: id,
        content: results[index],
      }))
      const more = answers.length === 0 ? [{ role: 'user', content: 'Go on.' }] : answers
      return { ...chatFirst, messages: [...chatFirst.messages, message, ...more] }
    },
  },
  Messages: {
    client: anthropicMessagesClient,
    first: messagesFirst,
    next(answer, results) {
      const { content } = answer as unknown as MessagesBody
      const answers = content
        .filter(({ type }) => type === 'tool_use')
        .map(({ id }, index) => ({ type: 'tool_result', tool_use_id: id, content: results[index] }))
      const more = answers.length === 0 ? [{ type: 'text', text: 'Go on.' }] : answers
      const turns = [
        { role: 'assistant', content },
        { role: 'user', content: more },
      ]
      return { ...messagesFirst, messages: [...messagesFirst.messages, ...turns] }
    },
  },
  Responses: {
    client: openAiResponsesClient,
    first: responsesFirst,
    next(answer, results) {
      const { output } = answer as unknown as ResponsesBody
      const answers = output
        .filter(({ type }) => type === 'function_call')
        .map(({ call_id }, index) => ({
          type: 'function_call_output',
          call_id,
          output: results[index],
        }))
      const more =
        answers.length === 0 ? [{ type: 'message', role: 'user', content: 'Go on.' }] : answers
      return { ...responsesFirst, input: [...responsesFirst.input, ...output, ...more] }
    },
  },
}

/** What Gemini is given back of the parts of an answer. */
function givenBack({ client, first, next }: Surface, parts: readonly object[]) {
  const source = {
    model,
    profile: geminiProfile(model),
    request: client.decodeRequest(first),
    requestId: 'req_1',
  }
  const answer = geminiUpstream.decodeAnswer(chunk(parts, { finishReason: 'STOP' }), source)
  const shown: unknown = JSON.parse(
    JSON.stringify(client.encodeAnswer(answer, { ...source, createdSeconds: 1 })),
  )
  const { messages, tools } = client.decodeRequest(next(shown as JsonObject, ['1', '2']))
  return encode({ messages, tools }).body.contents.slice(1)
}

describe.each(Object.entries(SURFACES))('%s', (_, surface) => {
  test('#31 calls keep their signature, and their id', () => {
    const calls = [
      { functionCall: { id: 'x1y2', name: 'look', args: { at: 1 } }, thoughtSignature: 'UzE=' },
      { functionCall: { id: 'x3y4', name: 'look', args: { at: 2 } } },
    ]
    expect(givenBack(surface, calls)).toEqual([
      { role: 'model', parts: calls },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'x1y2', name: 'look', response: { output: '1' } } },
          { functionResponse: { id: 'x3y4', name: 'look', response: { output: '2' } } },
        ],
      },
    ])
  })

  const text = { text: 'There it is.', thoughtSignature: 'UzE=' }
  test.each<[string, object[], object[]]>([
    ['on a text', [text], [text]],
    ['behind a text', [{ text: 'There it is.' }, { text: '', thoughtSignature: 'UzE=' }], [text]],
    ['behind a thought and a text', [{ text: 'Hm.', thought: true }, text], [text]],
    ['alone', [{ text: '', thoughtSignature: 'UzE=' }], [{ text: '', thoughtSignature: 'UzE=' }]],
    [
      'on a text and on a call',
      [text, { functionCall: { id: 'x1y2', name: 'look', args: {} }, thoughtSignature: 'UzI=' }],
      [text, { functionCall: { id: 'x1y2', name: 'look', args: {} }, thoughtSignature: 'UzI=' }],
    ],
    [
      'on a thought',
      [{ text: 'Hm.', thought: true, thoughtSignature: 'UzI=' }, { text: 'Yes.' }],
      [{ text: 'Hm.', thought: true, thoughtSignature: 'UzI=' }, { text: 'Yes.' }],
    ],
  ])('a signature %s comes back', (__, parts, expected) => {
    expect(givenBack(surface, parts)[0]).toEqual({ role: 'model', parts: expected })
  })
})
