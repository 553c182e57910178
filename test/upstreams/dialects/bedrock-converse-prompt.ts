import { parsedOr, promptFrom, type Choice, type Line, type Prompt } from '../conversation.ts'
import type { ConverseBlock, ConverseBody } from './bedrock-converse-body.ts'
import { saidText } from './said-text.ts'

type Counted = Pick<
  ConverseBody,
  'messages' | 'system' | 'toolConfig' | 'additionalModelRequestFields'
>
type Asked = Counted & Pick<ConverseBody, 'inferenceConfig' | 'outputConfig'>

/** What the model makes of it. */
export function promptOfConverse(body: Counted & Partial<Asked>): Prompt {
  const { messages, system = [], toolConfig } = body
  const { inferenceConfig, outputConfig } = body
  const schema = outputConfig?.textFormat?.structure.jsonSchema.schema
  return promptFrom({
    lines: [
      ...system.flatMap((one): Line[] =>
        'text' in one ? [{ kind: 'system', text: one.text }] : [],
      ),
      ...messages.flatMap(({ role, content }) => content.flatMap((block) => linesOf(block, role))),
    ],
    tools: toolConfig?.tools.flatMap((one) =>
      'toolSpec' in one ? [{ name: one.toolSpec.name, schema: one.toolSpec.inputSchema.json }] : [],
    ),
    choice: choiceOf(toolConfig?.toolChoice),
    thinks: thinks(body.additionalModelRequestFields),
    format: schema === undefined ? undefined : parsedOr(schema),
    maxTokens: inferenceConfig?.maxTokens,
  })
}

function thinks(extra: ConverseBody['additionalModelRequestFields'] = {}): boolean {
  const type = (extra['thinking'] ?? extra['reasoningConfig']) as { type?: unknown } | undefined
  return typeof type?.type === 'string' && type.type !== 'disabled'
}

function linesOf(block: ConverseBlock, kind: 'user' | 'assistant'): Line[] {
  if ('text' in block) return [{ kind, text: block.text }]
  if ('image' in block || 'document' in block) return [mediaOf(block)]
  if ('toolUse' in block) {
    const { toolUseId: id, name, input } = block.toolUse
    return [{ kind: 'call', id, name, arguments: input }]
  }
  if ('toolResult' in block) return resultLines(block.toolResult)
  if (!('reasoningContent' in block)) return []
  const { reasoningContent: thought } = block
  const text = 'reasoningText' in thought ? thought.reasoningText.text : ''
  return [{ kind: 'reasoning', text }]
}

type Media = Extract<ConverseBlock, { image: unknown } | { document: unknown }>

function mediaOf(block: Media): Line {
  const media = 'image' in block ? block.image : block.document
  const { format, source } = media
  const mediaType = 'image' in block ? `image/${format}` : (documentTypes[format] ?? format)
  if ('bytes' in source) return { kind: 'media', mediaType, data: source.bytes }
  if ('text' in source) {
    return { kind: 'media', mediaType, data: Buffer.from(source.text).toString('base64') }
  }
  return { kind: 'media', mediaType, url: source.s3Location.uri }
}

const documentTypes: Record<string, string> = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  html: 'text/html',
  csv: 'text/csv',
  md: 'text/markdown',
}

function resultLines(
  result: Extract<ConverseBlock, { toolResult: unknown }>['toolResult'],
): Line[] {
  const { toolUseId: id, content, status } = result
  const said = content.map((one) => ('json' in one ? JSON.stringify(one.json) : saidText([one])))
  const media = content.flatMap((one) =>
    'image' in one || 'document' in one ? [mediaOf(one)] : [],
  )
  return [{ kind: 'result', id, text: said.join(''), isError: status === 'error' }, ...media]
}

function choiceOf(choice: NonNullable<ConverseBody['toolConfig']>['toolChoice']): Choice {
  if (choice === undefined || 'auto' in choice) return 'auto'
  return 'any' in choice ? 'required' : { only: [choice.tool.name] }
}
