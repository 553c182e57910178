import { z } from 'zod'
import { anything, text } from '../read-json.ts'
import { NO_SIGNATURE } from './gemini-signature.ts'

const optional = z.unknown().optional()
const functionName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/)
const part = z.strictObject({
  text: z.string().optional(),
  thought: z.boolean().optional(),
  thoughtSignature: z.union([z.base64().min(1), z.literal(NO_SIGNATURE)]).optional(),
  inlineData: z
    .strictObject({ mimeType: text, data: z.base64().min(1), displayName: optional })
    .optional(),
  fileData: z
    .strictObject({ mimeType: text.optional(), fileUri: text, displayName: optional })
    .optional(),
  functionCall: z
    .strictObject({ name: functionName, args: anything.optional(), id: z.string().optional() })
    .optional(),
  functionResponse: z
    .strictObject({
      name: functionName,
      response: anything,
      id: z.string().optional(),
      parts: optional,
    })
    .optional(),
  executableCode: optional,
  codeExecutionResult: optional,
  videoMetadata: optional,
  mediaResolution: optional,
})
const system = z.strictObject({
  role: z.string().optional(),
  parts: z.array(z.strictObject({ text: z.string() })).min(1),
})

// The classic schema is a part of OpenAPI's; JSON Schema has members of its own.
type Classic = Record<string, unknown>
const classicSchema: z.ZodType<Classic> = z.lazy(() =>
  z.strictObject({
    type: text.optional(),
    format: optional,
    title: optional,
    description: z.string().optional(),
    nullable: z.boolean().optional(),
    default: optional,
    items: classicSchema.optional(),
    minItems: optional,
    maxItems: optional,
    enum: z.array(z.string()).optional(),
    properties: z.record(z.string(), classicSchema).optional(),
    propertyOrdering: optional,
    required: z.array(z.string()).optional(),
    minProperties: optional,
    maxProperties: optional,
    minimum: optional,
    maximum: optional,
    minLength: optional,
    maxLength: optional,
    pattern: optional,
    example: optional,
    anyOf: z.array(classicSchema).optional(),
  }),
)

const declaration = z.strictObject({
  name: functionName,
  description: z.string().optional(),
  parameters: classicSchema.optional(),
  parametersJsonSchema: z.unknown().optional(),
  response: optional,
  responseJsonSchema: optional,
  behavior: optional,
})
const tool = z.strictObject({
  functionDeclarations: z.array(declaration).optional(),
  googleSearch: optional,
  googleSearchRetrieval: optional,
  retrieval: optional,
  codeExecution: optional,
  urlContext: optional,
  googleMaps: optional,
  enterpriseWebSearch: optional,
  computerUse: optional,
})
const generationConfig = z.strictObject({
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().min(0).max(1).optional(),
  topK: z.number().optional(),
  candidateCount: z.int().optional(),
  maxOutputTokens: z.int().min(1).optional(),
  stopSequences: z.array(z.string()).max(5).optional(),
  presencePenalty: z.number().optional(),
  frequencyPenalty: z.number().optional(),
  seed: z.int().optional(),
  responseMimeType: z.string().optional(),
  responseSchema: classicSchema.optional(),
  responseJsonSchema: z.unknown().optional(),
  responseLogprobs: z.boolean().optional(),
  logprobs: z.int().optional(),
  thinkingConfig: z
    .strictObject({
      includeThoughts: z.boolean().optional(),
      thinkingBudget: z.int().optional(),
      thinkingLevel: z
        .enum(['MINIMAL', 'LOW', 'MEDIUM', 'HIGH', 'minimal', 'low', 'medium', 'high'])
        .optional(),
    })
    .optional(),
  responseModalities: optional,
  mediaResolution: optional,
  speechConfig: optional,
  imageConfig: optional,
  audioTimestamp: optional,
  routingConfig: optional,
})

const members = {
  contents: z
    .array(z.strictObject({ role: z.enum(['user', 'model']), parts: z.array(part).min(1) }))
    .min(1),
  systemInstruction: system.optional(),
  tools: z.array(tool).optional(),
}

/** A request for content. */
export const generateBody = z.strictObject({
  ...members,
  toolConfig: z
    .strictObject({
      functionCallingConfig: z
        .strictObject({
          mode: z.enum(['AUTO', 'ANY', 'NONE', 'VALIDATED']).optional(),
          allowedFunctionNames: z.array(z.string()).optional(),
          streamFunctionCallArguments: z.boolean().optional(),
        })
        .optional(),
      retrievalConfig: optional,
    })
    .optional(),
  generationConfig: generationConfig.optional(),
  safetySettings: z.array(anything).optional(),
  cachedContent: optional,
  labels: z.record(z.string(), z.string()).optional(),
  modelArmorConfig: optional,
})

/** What counting tokens takes. */
export const geminiCountBody = z.strictObject({
  ...members,
  generationConfig: generationConfig.optional(),
  model: z.string().optional(),
  instances: optional,
})

/** What a model that embeds takes. */
export const predictBody = z.strictObject({
  instances: z
    .array(
      z.strictObject({
        content: text,
        task_type: z.string().optional(),
        taskType: z.string().optional(),
        title: z.string().optional(),
      }),
    )
    .min(1)
    .max(250),
  parameters: z
    .strictObject({
      outputDimensionality: z.int().positive().optional(),
      autoTruncate: z.boolean().optional(),
    })
    .optional(),
})

/** What a model takes that embeds one input at a time. */
export const embedContentBody = z.strictObject({
  content: z.strictObject({
    role: z.enum(['user', 'model']).optional(),
    parts: z.array(z.strictObject({ text })).min(1),
  }),
  embedContentConfig: z
    .strictObject({
      taskType: z.string().optional(),
      title: z.string().optional(),
      outputDimensionality: z.int().positive().optional(),
      autoTruncate: z.boolean().optional(),
      documentOcr: optional,
      audioTrackExtraction: optional,
    })
    .optional(),
})

/** A request for content that passed. */
export type GenerateBody = z.infer<typeof generateBody>

/** Google's words for a body that it does not take. */
export const geminiWording = {
  unknownField: (path: string) => {
    const name = path.split('.').at(-1)
    const parent = path.split('.').slice(0, -1).join('.')
    const where = parent ? ` at '${parent}'` : ''
    return `Invalid JSON payload received. Unknown name "${name}"${where}: Cannot find field.`
  },
  wrongField: (path: string, detail: string) =>
    path.endsWith('role')
      ? 'Please use a valid role: user, model.'
      : `Invalid value at '${path}': ${detail}`,
}
