import { refuse } from '../provider.ts'
import type { ConverseBlock, ConverseBody, ConverseMessage } from './bedrock-converse-body.ts'
import { claudeFamilyOf, type ClaudeFamily } from './claude-families.ts'
import { checkSignature, isRedactedThinking, prefixOf, type Prefix } from './claude-thinking.ts'

const bad = (message: string) => refuse('bad-request', message)

/** Refuses a conversation that does not alternate, tool calls that do not add up, and what the model in the path does not take. */
export function checkConverseRules(body: ConverseBody, model: string): void {
  checkTurns(body)
  checkCachePoints(body)
  checkToolConfig(body)
  if (model.includes('anthropic.')) checkClaude(body, model)
  else checkOthers(body, model)
}

function checkTurns({ messages, toolConfig }: ConverseBody): void {
  let open: string[] = []
  const documents: string[] = []
  for (const [index, { role, content }] of messages.entries()) {
    if (role !== (index % 2 === 0 ? 'user' : 'assistant')) {
      bad(
        index === 0
          ? 'A conversation must start with a user message. Try again with a conversation that starts with a user message.'
          : 'A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.',
      )
    }
    const results = content.flatMap((one) =>
      'toolResult' in one ? [one.toolResult.toolUseId] : [],
    )
    const calls = content.flatMap((one) => ('toolUse' in one ? [one.toolUse.toolUseId] : []))
    checkResults({ calls, results, open, index })
    if ((results.length > 0 || calls.length > 0) && !toolConfig) {
      bad('The toolConfig field must be defined when using toolUse and toolResult content blocks.')
    }
    const named = content.flatMap((one) => ('document' in one ? [one.document.name] : []))
    if (named.length > 0 && !content.some((one) => 'text' in one)) {
      bad('A text block must be included when using documents.')
    }
    documents.push(...named)
    open = calls
  }
  if (open.length > 0) bad(`toolUse without toolResult: ${open.join(', ')}`)
  if (new Set(documents).size < documents.length) {
    bad('The document names in the conversation must be unique.')
  }
}

function checkResults(turn: {
  calls: readonly string[]
  results: readonly string[]
  open: readonly string[]
  index: number
}): void {
  const { calls, results, open, index } = turn
  if (results.toSorted().join() !== open.toSorted().join()) {
    bad(
      `The number of toolResult blocks at messages.${index}.content exceeds the number of toolUse blocks of previous turn, or some have no match.`,
    )
  }
  if (new Set(calls).size < calls.length) {
    bad(`The toolUse blocks at messages.${index}.content contain duplicate Ids`)
  }
}

function checkCachePoints({ messages, system = [], toolConfig }: ConverseBody): void {
  const all = [
    ...(toolConfig?.tools ?? []),
    ...system,
    ...messages.flatMap(({ content }) => content),
  ]
  const count = all.filter((one) => 'cachePoint' in one).length
  if (count > 4) bad(`A maximum of 4 blocks with cache_control may be provided. Found ${count}.`)
  const lists = [toolConfig?.tools ?? [], system, ...messages.map(({ content }) => content)]
  if (lists.some(([first]) => first && 'cachePoint' in first)) {
    bad('The cachePoint cannot be the first element.')
  }
}

function checkToolConfig({ toolConfig }: ConverseBody): void {
  const names = (toolConfig?.tools ?? []).flatMap((one) =>
    'toolSpec' in one ? [one.toolSpec.name] : [],
  )
  if (new Set(names).size < names.length) bad('The tool names in toolConfig must be unique.')
  const choice = toolConfig?.toolChoice
  if (choice && 'tool' in choice && !names.includes(choice.tool.name)) {
    bad(`toolChoice names ${choice.tool.name}, which is not one of the tools.`)
  }
}

const model = (message: string) => bad(`The model returned the following errors: ${message}`)

const CLAUDE_EXTRAS = new Set([
  'thinking',
  'anthropic_beta',
  'top_k',
  'output_config',
  'tool_choice',
])

function checkClaude(body: ConverseBody, id: string): void {
  const family = claudeFamilyOf(id)
  const { inferenceConfig = {}, toolConfig, additionalModelRequestFields: extra = {} } = body
  const { temperature, topP, maxTokens } = inferenceConfig
  if ((temperature ?? topP ?? extra['top_k']) !== undefined && !family.sampling) {
    model('`temperature`, `top_p` and `top_k` are not supported for this model.')
  }
  if (family.structured && temperature !== undefined && topP !== undefined) {
    model('`temperature` and `top_p` cannot both be specified for this model. Please use only one.')
  }
  const choice = toolConfig?.toolChoice
  if (choice && !('auto' in choice) && !family.forced) {
    model('tool_choice: type "tool" and "any" are not supported for this model')
  }
  const thinking = extra['thinking'] as ClaudeThinking | undefined
  if (thinking?.type === 'enabled') {
    checkBudget(thinking.budget_tokens, maxTokens)
    const forced = extra['tool_choice'] as { type?: string } | undefined
    if ((choice && !('auto' in choice)) || forced?.type === 'any' || forced?.type === 'tool') {
      model('Thinking may not be enabled when tool_choice forces tool use.')
    }
    if ((temperature ?? 1) !== 1 || (topP ?? 1) < 0.95 || extra['top_k'] !== undefined) {
      model('`temperature`, `top_p` and `top_k` may not be set when thinking is enabled.')
    }
  }
  const unknown = Object.keys(extra).find((name) => !CLAUDE_EXTRAS.has(name))
  if (unknown !== undefined) model(`${unknown}: Extra inputs are not permitted`)
  checkClaudeThinking(body, family)
}

interface ClaudeThinking {
  readonly type?: string
  readonly budget_tokens?: number
}

function checkBudget(budget: number | undefined, maxTokens: number | undefined): void {
  if (budget === undefined || budget < 1024) {
    return model('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024')
  }
  if (maxTokens !== undefined && budget >= maxTokens) {
    model('`max_tokens` must be greater than `thinking.budget_tokens`.')
  }
}

function checkClaudeThinking(body: ConverseBody, family: ClaudeFamily): void {
  const thinking = body.additionalModelRequestFields?.['thinking'] as ClaudeThinking | undefined
  if (thinking?.type !== undefined && !family.thinking.includes(thinking.type)) {
    model(`${thinking.type} thinking is not supported on this model`)
  }
  if (body.messages.at(-1)?.role === 'assistant' && !family.prefill) {
    model(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    )
  }
  for (const [index, message] of body.messages.entries()) {
    if (message.role !== 'assistant') continue
    const prefix = prefixOfConverse({ ...body, messages: body.messages.slice(0, index) }, family)
    for (const [at, block] of message.content.entries()) {
      checkThought(block, `messages.${index}.content.${at}`, prefix)
    }
  }
  if (thinking?.type === 'enabled') checkThinkingIsThere(body.messages)
}

function checkThought(block: ConverseBlock, place: string, prefix: Prefix): void {
  if (!('reasoningContent' in block)) return
  const thought = block.reasoningContent
  if ('redactedContent' in thought) {
    if (isRedactedThinking(thought.redactedContent)) return
    model(`${place}: Invalid \`data\` in \`redacted_thinking\` block`)
    return
  }
  const { text, signature = '' } = thought.reasoningText
  const verdict = checkSignature(signature, text, prefix)
  if (verdict === 'foreign') model(`${place}: Invalid \`signature\` in \`thinking\` block`)
  if (verdict === 'bound') {
    model(
      `${place}: Invalid signature in thinking block. The block is bound to a different conversation and cannot be used here.`,
    )
  }
}

function checkThinkingIsThere(messages: readonly ConverseMessage[]): void {
  const content = messages.findLast(({ role }) => role === 'assistant')?.content ?? []
  if (!content.some((one) => 'toolUse' in one)) return
  if (content[0] && 'reasoningContent' in content[0]) return
  model('messages: Expected `thinking` or `redacted_thinking`, but found `tool_use`.')
}

// Nova and the others know neither Claude's fields nor its thinking.
function checkOthers(
  { messages, inferenceConfig = {}, additionalModelRequestFields: extra = {} }: ConverseBody,
  id: string,
): void {
  if (/openai\.(?!gpt-oss)/.test(id)) {
    const { maxTokens: _, ...sampling } = inferenceConfig
    const [unknown] = Object.keys(sampling)
    if (unknown !== undefined) bad(`This model doesn't support the ${unknown} field.`)
  }
  if (id.includes('amazon.nova')) {
    const unknown = Object.keys(extra).find(
      (name) => name !== 'inferenceConfig' && name !== 'reasoningConfig',
    )
    if (unknown !== undefined) {
      bad(
        `Malformed input request: extraneous key [${unknown}] is not permitted, please reformat your input and try again.`,
      )
    }
  }
  const thought = messages
    .flatMap(({ content }) => content)
    .find((one) => 'reasoningContent' in one && 'reasoningText' in one.reasoningContent)
  if (thought && 'reasoningContent' in thought && 'reasoningText' in thought.reasoningContent) {
    const { signature } = thought.reasoningContent.reasoningText
    if (signature !== undefined) {
      bad('This model does not support reasoningContent.reasoningText.signature.')
    }
  }
  if (id.includes('mistral.')) {
    const ids = messages.flatMap(({ content }) =>
      content.flatMap((one) => ('toolUse' in one ? [one.toolUse.toolUseId] : [])),
    )
    const wrong = ids.find((one) => !/^[A-Za-z0-9]{9}$/.test(one))
    if (wrong !== undefined)
      bad(`Tool call id was ${wrong} but must be a-z, A-Z, 0-9, with a length of 9.`)
  }
}

/** What Claude's thinking is bound to: the instructions, the tools, and all that was said before the answer. */
export function prefixOfConverse(
  { system = [], toolConfig, messages }: Pick<ConverseBody, 'system' | 'toolConfig' | 'messages'>,
  { bindsThinking }: ClaudeFamily,
): Prefix {
  if (!bindsThinking) return ''
  const end = messages.findLastIndex(({ role }) => role === 'user') + 1
  const unmarked = <T extends object>(list: readonly T[]) =>
    list.filter((one) => !('cachePoint' in one))
  return prefixOf(
    unmarked(system),
    unmarked(toolConfig?.tools ?? []),
    messages.slice(0, end).map(({ role, content }) => [role, unmarked(content)]),
  )
}
