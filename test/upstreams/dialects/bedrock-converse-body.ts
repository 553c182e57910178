import { z } from 'zod'
import { refuse } from '../provider.ts'
import { anything, text } from '../read-json.ts'
import type { Prompt } from '../reply.ts'

const BLANK =
  'The text field in the ContentBlock object is blank. Add text to the text field, and try again.'
const said = z.string().regex(/\S/, BLANK)
const s3 = z.strictObject({ uri: text, bucketOwner: z.string().optional() })
const source = z.union([
  z.strictObject({ bytes: z.base64().min(1) }),
  z.strictObject({ s3Location: s3 }),
])
const image = z.strictObject({ format: z.enum(['png', 'jpeg', 'gif', 'webp']), source })
const document = z.looseObject({ format: text, name: text, source: anything })
const toolName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/)
const toolId = z.string().regex(/^[a-zA-Z0-9_.:-]{1,64}$/)
const cachePoint = z.strictObject({
  cachePoint: z.strictObject({ type: z.literal('default'), ttl: z.string().optional() }),
})

const block = z.union([
  z.strictObject({ text: said }),
  z.strictObject({ image }),
  z.strictObject({ document }),
  z.strictObject({ video: anything }),
  z.strictObject({ audio: anything }),
  z.strictObject({
    toolUse: z.strictObject({ toolUseId: toolId, name: toolName, input: anything }),
  }),
  z.strictObject({
    toolResult: z.strictObject({
      toolUseId: toolId,
      status: z.enum(['success', 'error']).optional(),
      content: z.array(
        z.union([
          z.strictObject({ text: z.string() }),
          z.strictObject({ json: z.unknown() }),
          z.strictObject({ image }),
          z.strictObject({ document }),
        ]),
      ),
    }),
  }),
  z.strictObject({
    reasoningContent: z.union([
      z.strictObject({
        reasoningText: z.strictObject({ text: z.string(), signature: z.string().optional() }),
      }),
      z.strictObject({ redactedContent: text }),
    ]),
  }),
  cachePoint,
  z.strictObject({ guardContent: anything }),
  z.strictObject({ citationsContent: anything }),
])

const members = {
  messages: z
    .array(z.strictObject({ role: z.enum(['user', 'assistant']), content: z.array(block).min(1) }))
    .min(1),
  system: z
    .array(
      z.union([
        z.strictObject({ text: said }),
        cachePoint,
        z.strictObject({ guardContent: anything }),
      ]),
    )
    .optional(),
  toolConfig: z
    .strictObject({
      tools: z
        .array(
          z.union([
            z.strictObject({
              toolSpec: z.strictObject({
                name: toolName,
                description: text.optional(),
                inputSchema: z.strictObject({ json: z.looseObject({ type: z.literal('object') }) }),
                strict: z.boolean().optional(),
              }),
            }),
            cachePoint,
          ]),
        )
        .min(1),
      toolChoice: z
        .union([
          z.strictObject({ auto: z.strictObject({}) }),
          z.strictObject({ any: z.strictObject({}) }),
          z.strictObject({ tool: z.strictObject({ name: toolName }) }),
        ])
        .optional(),
    })
    .optional(),
}

const optional = z.unknown().optional()

/** What counting tokens takes. */
export const converseCountBody = z.strictObject({
  ...members,
  additionalModelRequestFields: anything.optional(),
})

/** A Converse request. */
export const converseBody = z.strictObject({
  ...members,
  inferenceConfig: z
    .strictObject({
      maxTokens: z.int().min(1).optional(),
      temperature: z.number().min(0).max(1).optional(),
      topP: z.number().min(0).max(1).optional(),
      stopSequences: z.array(text).optional(),
    })
    .optional(),
  additionalModelRequestFields: anything.optional(),
  additionalModelResponseFieldPaths: z.array(z.string()).optional(),
  guardrailConfig: optional,
  requestMetadata: z.record(z.string(), z.string()).optional(),
  performanceConfig: optional,
  promptVariables: optional,
  serviceTier: z
    .strictObject({ type: z.enum(['reserved', 'priority', 'default', 'flex']) })
    .optional(),
  outputConfig: optional,
})

/** A Converse request that passed. */
export type ConverseBody = z.infer<typeof converseBody>

/** Refuses a conversation that does not alternate or whose tool calls do not add up. */
export function checkConverseRules({ messages, toolConfig }: ConverseBody): void {
  let open: string[] = []
  for (const [index, { role, content }] of messages.entries()) {
    if (role !== (index % 2 === 0 ? 'user' : 'assistant')) {
      refuse(
        'bad-request',
        index === 0
          ? 'A conversation must start with a user message. Try again with a conversation that starts with a user message.'
          : 'A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.',
      )
    }
    const results = content.flatMap((one) =>
      'toolResult' in one ? [one.toolResult.toolUseId] : [],
    )
    const calls = content.flatMap((one) => ('toolUse' in one ? [one.toolUse.toolUseId] : []))
    if (results.toSorted().join() !== open.toSorted().join()) {
      refuse(
        'bad-request',
        `The number of toolResult blocks at messages.${index}.content exceeds the number of toolUse blocks of previous turn, or some have no match.`,
      )
    }
    if ((results.length > 0 || calls.length > 0) && !toolConfig) {
      refuse(
        'bad-request',
        'The toolConfig field must be defined when using toolUse and toolResult content blocks.',
      )
    }
    const hasDocument = content.some((one) => 'document' in one)
    if (hasDocument && !content.some((one) => 'text' in one)) {
      refuse('bad-request', 'A text block must be included when using documents.')
    }
    open = calls
  }
  if (open.length > 0) refuse('bad-request', `toolUse without toolResult: ${open.join(', ')}`)
}

/** What the model makes of it. */
export function promptOfConverse({
  messages,
  toolConfig,
  additionalModelRequestFields: extra,
}: Pick<ConverseBody, 'messages' | 'toolConfig' | 'additionalModelRequestFields'>): Prompt {
  const content = messages.findLast(({ role }) => role === 'user')?.content ?? []
  const results = content.flatMap((one) => ('toolResult' in one ? one.toolResult.content : []))
  const heard = [...results, ...content]
    .map((one) => ('text' in one && typeof one.text === 'string' ? one.text : ''))
    .join('')
  const tool = toolConfig?.tools.find((one) => 'toolSpec' in one)?.toolSpec.name
  const thinking = extra?.['thinking']
  const thinks =
    typeof thinking === 'object' &&
    thinking !== null &&
    'type' in thinking &&
    thinking.type !== 'disabled'
  return { heard, tool: results.length > 0 ? undefined : tool, thinks }
}
