import { z } from 'zod'
import { parsedOr } from '../conversation.ts'
import { anything, text } from '../read-json.ts'

const BLANK =
  'The text field in the ContentBlock object is blank. Add text to the text field, and try again.'
const said = z.string().regex(/\S/, BLANK)
const s3 = z.strictObject({ uri: text, bucketOwner: z.string().optional() })
const source = z.union([
  z.strictObject({ bytes: z.base64().min(1) }),
  z.strictObject({ s3Location: s3 }),
])
const image = z.strictObject({ format: z.enum(['png', 'jpeg', 'gif', 'webp']), source })
const document = z.strictObject({
  format: z.enum(['pdf', 'csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md']),
  name: z.string().regex(/^(?!.*\s{2})[A-Za-z0-9 ()[\]-]{1,200}$/),
  source: z.union([source, z.strictObject({ text })]),
  context: z.string().optional(),
  citations: z.unknown().optional(),
})
const toolName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/)
const toolId = z.string().regex(/^[a-zA-Z0-9_.:-]{1,64}$/)
const cachePoint = z.strictObject({
  cachePoint: z.strictObject({
    type: z.literal('default'),
    ttl: z.enum(['5m', '1h']).optional(),
  }),
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
          z.strictObject({ json: anything }),
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

function isJsonObject(json: string): boolean {
  const value = parsedOr(json)
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

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
  outputConfig: z
    .strictObject({
      textFormat: z
        .strictObject({
          type: z.literal('json_schema'),
          structure: z.strictObject({
            jsonSchema: z.strictObject({
              // The schema is JSON text here.
              schema: z.string().refine(isJsonObject, 'schema is not a JSON object'),
              name: z.string().optional(),
              description: z.string().optional(),
            }),
          }),
        })
        .optional(),
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional(),
    })
    .optional(),
})

/** A Converse request that passed. */
export type ConverseBody = z.infer<typeof converseBody>

/** One message of a Converse request. */
export type ConverseMessage = ConverseBody['messages'][number]

/** One block of it. */
export type ConverseBlock = ConverseMessage['content'][number]
