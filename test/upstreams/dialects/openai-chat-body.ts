import { z } from 'zod'
import { anything, text } from '../read-json.ts'
import type { Prompt } from '../reply.ts'
import { saidText } from './said-text.ts'

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() })
const imagePart = z.strictObject({
  type: z.literal('image_url'),
  image_url: z.strictObject({ url: text, detail: z.enum(['auto', 'low', 'high']).optional() }),
})
const audioPart = z.strictObject({
  type: z.literal('input_audio'),
  input_audio: z.strictObject({ data: text, format: z.enum(['wav', 'mp3']) }),
})
const filePart = z.strictObject({
  type: z.literal('file'),
  file: z.strictObject({
    file_data: z.string().optional(),
    file_id: z.string().optional(),
    filename: z.string().optional(),
  }),
})
const refusalPart = z.strictObject({ type: z.literal('refusal'), refusal: z.string() })

/** Function calls in an assistant's turn. */
export const toolCalls = z.array(
  z.strictObject({
    id: text.max(64),
    type: z.literal('function'),
    function: z.strictObject({ name: text, arguments: z.string() }),
  }),
)

const name = z.string().optional()
const system = (role: 'system' | 'developer') =>
  z.strictObject({
    role: z.literal(role),
    content: z.union([z.string(), z.array(textPart).min(1)]),
    name,
  })

/** OpenAI's messages, with nothing in them that OpenAI does not know. */
export const openAiMessages = z
  .array(
    z.discriminatedUnion('role', [
      system('system'),
      system('developer'),
      z.strictObject({
        role: z.literal('user'),
        content: z.union([
          z.string(),
          z.array(z.discriminatedUnion('type', [textPart, imagePart, audioPart, filePart])).min(1),
        ]),
        name,
      }),
      z.strictObject({
        role: z.literal('assistant'),
        content: z
          .union([
            z.string(),
            z.array(z.discriminatedUnion('type', [textPart, refusalPart])),
            z.null(),
          ])
          .optional(),
        refusal: z.union([z.string(), z.null()]).optional(),
        name,
        audio: z.union([anything, z.null()]).optional(),
        tool_calls: toolCalls.optional(),
        function_call: z.union([anything, z.null()]).optional(),
        annotations: z.array(anything).optional(),
      }),
      z.strictObject({
        role: z.literal('tool'),
        content: z.union([z.string(), z.array(textPart)]),
        tool_call_id: text,
      }),
    ]),
  )
  .min(1)

const looseCall = z.looseObject({
  id: text,
  function: z.looseObject({ name: text, arguments: z.union([z.string(), anything]) }),
})

/** Messages as the more easy-going providers take them; `roles` is all that differs. */
export const looseMessages = (roles: [string, ...string[]]) =>
  z
    .array(
      z.looseObject({
        role: z.enum(roles),
        content: z.union([z.string(), z.array(z.looseObject({ type: text })), z.null()]).optional(),
        tool_calls: z.array(looseCall).optional(),
        tool_call_id: text.optional(),
      }),
    )
    .min(1)

/** Tools as OpenAI defines them. */
export const functionTools = z
  .array(
    z.looseObject({
      type: z.literal('function'),
      function: z.looseObject({
        name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
        description: z.string().optional(),
        parameters: anything.optional(),
        strict: z.union([z.boolean(), z.null()]).optional(),
      }),
    }),
  )
  .min(1)

/** A message of any chat flavour, as far as the model listens to it. */
export interface HeardMessage {
  role: string
  content?: unknown
  tool_calls?: readonly unknown[] | null | undefined
}

/** What the model makes of a conversation. */
export function promptOf(
  messages: readonly HeardMessage[],
  tools: readonly { function: { name: string } }[] | undefined,
  thinks: boolean,
): Prompt {
  const last = messages.findLast(({ role }) => role === 'user' || role === 'tool')
  const heard = saidText(last?.content)
  return { heard, tool: last?.role === 'tool' ? undefined : tools?.[0]?.function.name, thinks }
}
