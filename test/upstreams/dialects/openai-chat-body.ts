import { z } from 'zod'
import { anything, text } from '../read-json.ts'

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() })
const mediaUrl = z
  .string()
  .regex(/^(https?:\/\/|data:[a-z]+\/[\w.+-]+;base64,[A-Za-z0-9+/]+={0,2}$)/)
const imagePart = z.strictObject({
  type: z.literal('image_url'),
  image_url: z.strictObject({ url: mediaUrl, detail: z.enum(['auto', 'low', 'high']).optional() }),
})
const audioPart = z.strictObject({
  type: z.literal('input_audio'),
  input_audio: z.strictObject({ data: z.base64().min(1), format: z.enum(['wav', 'mp3']) }),
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

/** Tool calls in an assistant's turn. */
const toolCalls = z
  .array(
    z.discriminatedUnion('type', [
      z.strictObject({
        id: text.max(64),
        type: z.literal('function'),
        function: z.strictObject({ name: text, arguments: z.string() }),
      }),
      z.strictObject({
        id: text.max(64),
        type: z.literal('custom'),
        custom: z.strictObject({ name: text, input: z.string() }),
      }),
    ]),
  )
  .min(1)

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
            z.array(z.discriminatedUnion('type', [textPart, refusalPart])).min(1),
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
        content: z.union([z.string(), z.array(textPart).min(1)]),
        tool_call_id: text,
      }),
    ]),
  )
  .min(1)

const looseCall = z.looseObject({
  id: text,
  function: z.looseObject({ name: text, arguments: z.union([z.string(), anything]) }),
})

/** Messages as the more easy-going providers take them: with these roles, and these types of parts. */
export const looseMessages = (
  roles: [string, ...string[]],
  parts: [string, ...string[]] = ['text', 'image_url', 'video_url', 'file_url', 'file', 'refusal'],
) =>
  z
    .array(
      z.looseObject({
        role: z.enum(roles),
        content: z
          .union([z.string(), z.array(z.looseObject({ type: z.enum(parts) })), z.null()])
          .optional(),
        tool_calls: z.array(looseCall).optional(),
        tool_call_id: text.optional(),
      }),
    )
    .min(1)

/** Functions that a model may call, as OpenAI defines them, with nothing in them that OpenAI does not know. */
const functionTool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
    description: z.string().optional(),
    parameters: anything.optional(),
    strict: z.union([z.boolean(), z.null()]).optional(),
  }),
})

/** Functions, and nothing else. */
export const functionTools = z.array(functionTool).min(1)

/** Functions, and tools that take a text. */
export const openAiTools = z
  .array(
    z.discriminatedUnion('type', [
      functionTool,
      z.strictObject({
        type: z.literal('custom'),
        custom: z.strictObject({
          name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
          description: z.string().optional(),
          format: z
            .discriminatedUnion('type', [
              z.strictObject({ type: z.literal('text') }),
              z.strictObject({
                type: z.literal('grammar'),
                grammar: z.strictObject({ syntax: z.enum(['lark', 'regex']), definition: text }),
              }),
            ])
            .optional(),
        }),
      }),
    ]),
  )
  .min(1)
  .max(128)
