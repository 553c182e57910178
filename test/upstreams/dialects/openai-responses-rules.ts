import { refuse } from '../provider.ts'
import { checkItems } from './openai-items.ts'
import { checkOpenAiModel, unsupportedParameter } from './openai-models.ts'
import type { ResponsesBody } from './openai-responses-body.ts'
import { checkStrictSchema } from './openai-schema.ts'

/** Refuses what the Responses API knows but this model or these items do not allow. */
export function checkResponsesRules(body: ResponsesBody): void {
  const { model, input, previous_response_id: previous, text, tools = [] } = body
  if (previous) {
    refuse('bad-request', `Previous response with id '${previous}' not found.`, {
      param: 'previous_response_id',
      code: 'previous_response_not_found',
    })
  }
  const { temperature, top_p, top_logprobs } = body
  checkOpenAiModel(
    {
      model,
      effort: body.reasoning?.effort,
      effortField: 'reasoning.effort',
      sampling: { temperature, top_p, top_logprobs },
    },
    'responses',
  )
  const format = text?.format
  if (format?.type === 'json_object' && !/json/i.test(JSON.stringify(input))) {
    refuse(
      'bad-request',
      `Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.`,
      { param: 'input' },
    )
  }
  if (format?.type === 'json_schema' && format.strict) {
    checkStrictSchema(format.schema, `response_format '${format.name}'`, 'text.format.schema')
  }
  for (const [index, tool] of tools.entries()) {
    if (tool.type !== 'function' || tool['strict'] !== true) continue
    checkStrictSchema(
      tool['parameters'],
      `function '${String(tool['name'])}'`,
      `tools[${index}].parameters`,
    )
  }
  if (
    /"prompt_cache_breakpoint"/.test(JSON.stringify(input)) &&
    /^gpt-(?:[34]|5(?!\.[6-9]))|^o\d/.test(model)
  ) {
    unsupportedParameter('prompt_cache_breakpoint')
  }
  if (typeof input !== 'string') checkItems(input, 'openai')
}
