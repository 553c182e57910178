import { refuse } from '../provider.ts'

/** Where a request to a model came in. */
export type OpenAiSurface = 'chat' | 'responses'

const UP_TO_HIGH = ['none', 'low', 'medium', 'high']

/** Efforts by family, the first that fits. The Responses API alone has `max`. */
const LADDERS: readonly (readonly [family: RegExp, efforts: readonly string[]])[] = [
  [/^gpt-6-(?:sol|luna)|^gpt-6\.1-terra/, [...UP_TO_HIGH, 'xhigh', 'max']],
  [/^gpt-6/, ['low', 'medium', 'high', 'xhigh', 'max']],
  [/^gpt-5\.\d-chat/, ['medium']],
  [/^gpt-5\.6/, [...UP_TO_HIGH, 'xhigh', 'max']],
  [/^gpt-5\.[2-5]/, [...UP_TO_HIGH, 'xhigh']],
  [/^gpt-5\.1/, UP_TO_HIGH],
  [/^gpt-5/, ['minimal', 'low', 'medium', 'high']],
  [/^o\d/, ['low', 'medium', 'high']],
]

const ladderOf = (model: string) => LADDERS.find(([family]) => family.test(model))?.[1]

/** Whether a model of OpenAI's reasons. A deployment's name tells nothing. */
export const isReasoningModel = (model: string): boolean =>
  ladderOf(model) !== undefined || /^grok-(?!.*non-reasoning)/.test(model)

/** What of a request the model's own rules are about. */
export interface OpenAiWishes {
  model: string
  effort: unknown
  /** By what the surface calls the field of the effort. */
  effortField: string
  /** Sampling fields, by name, with their values. */
  sampling: Readonly<Record<string, unknown>>
}

/** Refuses efforts that a model does not have, and sampling by a model that reasons. */
export function checkOpenAiModel(
  { model, effort, effortField, sampling }: OpenAiWishes,
  surface: OpenAiSurface,
): void {
  const ladder = ladderOf(model)
  if (ladder === undefined) {
    if (isGiven(effort) && /^(gpt-[34]|chatgpt-)/.test(model)) unsupportedParameter(effortField)
    return
  }
  const efforts = surface === 'chat' ? ladder.filter((one) => one !== 'max') : ladder
  if (isGiven(effort) && !efforts.includes(String(effort))) {
    refuse(
      'bad-request',
      `Unsupported value: '${effortField}' does not support '${String(effort)}' with this model. Supported values are: ${efforts.map((one) => `'${one}'`).join(', ')}.`,
      { param: effortField, code: 'unsupported_value' },
    )
  }
  const samples = effort === 'none' && /^gpt-(5\.|[6-9])/.test(model)
  for (const [field, value] of Object.entries(sampling)) {
    if (!isGiven(value) || (samples && field !== 'stop')) continue
    if (field === 'temperature' || field === 'top_p') checkIsDefault(field, value, 1)
    else if (field.endsWith('_penalty')) checkIsDefault(field, value, 0)
    else if (value !== false) unsupportedParameter(field)
  }
}

function checkIsDefault(field: string, value: unknown, usual: number): void {
  if (value === usual) return
  refuse(
    'bad-request',
    `Unsupported value: '${field}' does not support ${String(value)} with this model. Only the default (${usual}) value is supported.`,
    { param: field, code: 'unsupported_value' },
  )
}

/** Refuses a field that the model does not know. */
export function unsupportedParameter(field: string, instead = ''): never {
  return refuse(
    'bad-request',
    `Unsupported parameter: '${field}' is not supported with this model.${instead}`,
    { param: field, code: 'unsupported_parameter' },
  )
}

/** Whether a field says anything. */
export const isGiven = (value: unknown): boolean => value !== undefined && value !== null
