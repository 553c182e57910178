import { z } from 'zod'
import { functionTools } from '../dialects/openai-chat-body.ts'
import { refuse } from '../provider.ts'
import { anything, text } from '../read-json.ts'

const optional = z.unknown().optional()
const textPart = z.strictObject({ type: z.literal('text'), text: z.string() })
const url = z.string().regex(/^(https?:\/\/|data:[a-z]+\/[\w.+-]+;base64,)/)
const part = z.discriminatedUnion('type', [
  textPart,
  z.strictObject({
    type: z.literal('image_url'),
    image_url: z.union([url, z.strictObject({ url, detail: z.string().optional() })]),
  }),
  z.strictObject({
    type: z.literal('document_url'),
    document_url: url,
    document_name: z.string().nullable().optional(),
  }),
  z.strictObject({ type: z.literal('file'), file_id: text }),
  z.strictObject({ type: z.literal('input_audio'), input_audio: z.unknown() }),
  z.strictObject({ type: z.literal('reference'), reference_ids: z.array(z.unknown()) }),
  z.strictObject({
    type: z.literal('thinking'),
    thinking: z.array(textPart),
    closed: z.boolean().optional(),
    signature: optional,
  }),
])
const chatMessage = z.strictObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.union([z.string(), z.array(part), z.null()]).optional(),
  name: z.string().nullable().optional(),
  prefix: z.boolean().optional(),
  tool_call_id: text.nullable().optional(),
  tool_calls: z
    .array(
      z.strictObject({
        id: text,
        type: z.literal('function').optional(),
        index: z.int().optional(),
        function: z.strictObject({ name: text, arguments: z.union([z.string(), anything]) }),
      }),
    )
    .nullable()
    .optional(),
})

/** A chat request, as Mistral takes it: nothing in it that Mistral does not know. */
export const mistralChatBody = z.strictObject({
  model: text,
  messages: z.array(chatMessage).min(1),
  stream: z.boolean().optional(),
  frequency_penalty: z.number().nullable().optional(),
  guardrails: optional,
  max_tokens: z.int().min(0).nullable().optional(),
  metadata: optional,
  n: z.int().min(1).nullable().optional(),
  parallel_tool_calls: z.boolean().optional(),
  prediction: optional,
  presence_penalty: z.number().nullable().optional(),
  prompt_cache_key: optional,
  prompt_mode: z.literal('reasoning').nullable().optional(),
  random_seed: z.int().min(0).nullable().optional(),
  reasoning_effort: z.enum(['none', 'low', 'medium', 'high']).nullable().optional(),
  response_format: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('text') }),
      z.strictObject({ type: z.literal('json_object') }),
      z.strictObject({
        type: z.literal('json_schema'),
        json_schema: z.strictObject({
          name: text,
          description: z.string().nullable().optional(),
          schema: anything,
          strict: z.boolean().nullable().optional(),
        }),
      }),
    ])
    .optional(),
  safe_prompt: z.boolean().optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  stop: z.union([z.string(), z.array(z.string()), z.null()]).optional(),
  temperature: z.number().min(0).max(1.5).nullable().optional(),
  tool_choice: z
    .union([
      z.enum(['auto', 'none', 'any', 'required']),
      z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: text }) }),
    ])
    .optional(),
  tools: functionTools.nullable().optional(),
  top_p: z.number().min(0).max(1).nullable().optional(),
})

type Body = z.infer<typeof mistralChatBody>
type Message = Body['messages'][number]

const bad = (message: string, code: string) => refuse('bad-request', message, { code })

/** Refuses what no template of Mistral's models can be filled with. */
export function checkMistralRules(body: Body): void {
  checkEffort(body)
  let open: string[] = []
  for (const [index, one] of body.messages.entries()) {
    checkIds(one)
    const before = body.messages[index - 1]
    if (one.role === 'tool') {
      const id = one.tool_call_id ?? ''
      if (!open.includes(id)) bad(`Unexpected tool call id ${id} in tool results`, '3230')
      open = open.filter((other) => other !== id)
      continue
    }
    if (open.length > 0) bad('Not the same number of function calls and responses', '3230')
    if (one.role === 'user' && before?.role === 'tool' && isOld(body.model)) {
      bad(`Unexpected role 'user' after role 'tool'`, '3230')
    }
    if (one.role === 'assistant' && !one.tool_calls?.length && !one.content?.length) {
      bad('Assistant message must have either content or tool_calls, but not none.', '3240')
    }
    open = (one.tool_calls ?? []).map(({ id }) => id)
  }
  if (open.length > 0) bad('Not the same number of function calls and responses', '3230')
  const last = body.messages.at(-1)
  if (last?.role === 'user' || last?.role === 'tool' || last?.prefix === true) return
  bad(
    `Expected last role User or Tool (or Assistant with prefix True) for serving but got ${last?.role}`,
    '3230',
  )
}

const isOld = (model: string) => /-2[45]\d\d$|^open-/.test(model)

function checkIds({ tool_calls: calls, tool_call_id: id }: Message): void {
  const ids = (calls ?? []).map((call) => call.id)
  for (const one of [...ids, ...(id ? [id] : [])]) {
    if (/^[A-Za-z0-9]{9}$/.test(one)) continue
    bad(`Tool call id was ${one} but must be a-z, A-Z, 0-9, with a length of 9.`, '3280')
  }
  if (new Set(ids).size < ids.length) bad('Duplicate tool call id in assistant message', '3280')
}

function checkEffort({ model, reasoning_effort: effort }: Body): void {
  if (typeof effort !== 'string' || /large-4/.test(model)) return
  if (effort === 'none' || effort === 'high') return
  bad(`reasoning_effort ${effort} is not supported by model ${model}`, '1000')
}
