import type { ChatMessage, ChatRequest } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import type { JsonObject } from '../../core/parse.ts'
import { plainName } from '../../core/plain-name.ts'
import { defined } from '../../core/read.ts'
import type { EncodeTarget } from '../../core/translation.ts'
import { cachePoints, isPoint, surplusPoints } from './cache-points.ts'
import { encodeConversation, type EncodedConversation } from './conversation.ts'
import { encodeInference } from './inference.ts'
import { mergeFields } from './model-fields.ts'
import { type OutputPlan, planOutput } from './output-plan.ts'
import type { ConverseProfile } from './profile.ts'
import { encodeRest, reportLosses } from './rest.ts'
import { encodeThinking } from './thinking.ts'
import { planTools } from './tool-plan.ts'
import { encodeTool } from './tools.ts'

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
export function encodeRequest(
  request: ChatRequest,
  { profile, compat }: EncodeTarget<ConverseProfile>,
): JsonObject {
  reportLosses(request, compat)
  const target = { profile, compat }
  const output = planOutput(request, profile)
  const plan = planTools(request, output, target)
  const tools = plan.tools.flatMap((tool) => encodeTool(tool, target))
  const messages = withInstruction(request.messages, output, compat)
  const { system, turns } = encodeConversation(messages, plan.flattensCalls, target)
  markEnd(turns, request, target)
  const surplus = surplusPoints({ tools, system, turns })
  if (surplus.size > 0) compat.changed('cache_control', 'limited')
  const kept = <Element extends object>(list: readonly Element[]): readonly Element[] =>
    surplus.size === 0 ? list : list.filter((element) => !surplus.has(element))
  const thinking = encodeThinking(request, target)
  const { config, fields } = encodeInference(request, { ...target, thinking })
  const claudeChoice = plan.claudeChoice === undefined ? {} : { tool_choice: plan.claudeChoice }
  const own = mergeFields(fields, thinking.fields, claudeChoice)
  return {
    messages: turns.map(({ role, content }) => ({ role, content: kept(content) })),
    ...(system.length === 0 ? {} : { system: kept(system) }),
    ...(tools.length === 0
      ? {}
      : { toolConfig: defined({ tools: kept(tools), toolChoice: plan.choice }) }),
    ...(Object.keys(config).length === 0 ? {} : { inferenceConfig: config }),
    ...(Object.keys(own).length === 0 ? {} : { additionalModelRequestFields: own }),
    ...(profile.sampling.saysStopSequence && config['stopSequences'] !== undefined
      ? { additionalModelResponseFieldPaths: [STOP_SEQUENCE_PATH] }
      : {}),
    ...outputConfigOf(output),
    ...encodeRest(request, compat),
  }
}

/** Where Claude says which stop sequence it met. */
const STOP_SEQUENCE_PATH = '/delta/stop_sequence'

/** The form of the answer in words, behind the caller's own instructions, so that these stay what a cache has kept. */
function withInstruction(
  messages: readonly ChatMessage[],
  output: OutputPlan,
  compat: Compat,
): readonly ChatMessage[] {
  if (output.kind !== 'words') return messages
  compat.changed('response_format', 'instructed')
  const first = messages.findIndex(({ role }) => role !== 'system')
  const end = first === -1 ? messages.length : first
  const instruction = { role: 'system', content: [{ kind: 'text', text: output.words }] } as const
  return messages.toSpliced(end, 0, instruction)
}

/** The whole prompt is to be cached: a point at its end, unless one is there. */
function markEnd(
  turns: EncodedConversation['turns'],
  { cache }: ChatRequest,
  target: Pick<EncodeTarget<ConverseProfile>, 'profile' | 'compat'>,
): void {
  const content = turns.at(-1)?.content
  const last = content?.at(-1)
  if (last === undefined || isPoint(last)) return
  content?.push(...cachePoints(cache, 'messages', target))
}

function outputConfigOf(output: OutputPlan): JsonObject {
  if (output.kind !== 'schema') return {}
  const { name, schema, description } = output.format
  const jsonSchema = defined({
    name: plainName(name),
    description,
    schema: JSON.stringify(schema),
  })
  return { outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema } } } }
}
