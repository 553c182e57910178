import { refuse } from '../provider.ts'
import type { GenerateBody } from './gemini-body.ts'
import { isCallSignature, isTextSignature } from './gemini-signature.ts'

type Contents = GenerateBody['contents']
type Part = Contents[number]['parts'][number]

const bad = (message: string) => refuse('bad-request', message)

/** Refuses a request that Gemini would not go on with. */
export function checkGeminiRules(body: GenerateBody, model: string): void {
  checkTurns(body.contents)
  checkTools(body, model)
  checkThinking(body, model)
  if (/^gemini-[3-9]/.test(model)) checkSignatures(body.contents)
}

function checkTurns(contents: Contents): void {
  for (const [index, { role, parts }] of contents.entries()) {
    if (index > 0 && contents[index - 1]?.role === role) {
      bad('Please ensure that multiturn requests alternate between user and model.')
    }
    for (const part of parts) checkPart(part, index)
    if (role === 'user') checkResponses(contents[index - 1]?.parts ?? [], parts)
  }
  if (contents.at(-1)?.role !== 'user') {
    bad('Please ensure that the last content has the role user.')
  }
}

const DATA = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse'] as const

function checkPart(part: Part, index: number): void {
  const given = DATA.filter((name) => part[name] !== undefined)
  if (given.length > 1) {
    bad(
      `Invalid value at 'contents[${index}].parts[0]' (oneof), oneof field 'data' is already set. Cannot set '${given[1]}'`,
    )
  }
}

function checkResponses(before: readonly Part[], parts: readonly Part[]): void {
  const calls = before.flatMap(({ functionCall }) => (functionCall ? [functionCall.name] : []))
  const responses = parts.flatMap(({ functionResponse }) =>
    functionResponse ? [functionResponse.name] : [],
  )
  if (calls.length !== responses.length) {
    bad(
      'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
    )
  }
  // A call has no id here: its name and its place are all that a response is known by.
  const at = responses.findIndex((name, index) => name !== calls[index])
  if (at !== -1) {
    bad(
      `Please ensure that function response parts are in the order of the function calls: "${responses[at]}" does not answer "${calls[at]}".`,
    )
  }
}

function checkTools(
  { tools = [], toolConfig, generationConfig }: GenerateBody,
  model: string,
): void {
  const declared = tools.flatMap((one) => one.functionDeclarations ?? [])
  const names = declared.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) bad(`Duplicate function declaration found: ${twice}`)
  for (const { name, parameters, parametersJsonSchema: schema } of declared) {
    if (parameters !== undefined && schema !== undefined) {
      bad(`Function ${name} must not set both parameters and parameters_json_schema.`)
    }
    checkReferences(schema)
  }
  checkReferences(generationConfig?.responseJsonSchema)
  const { mode, allowedFunctionNames: allowed } = toolConfig?.functionCallingConfig ?? {}
  if (mode !== undefined && declared.length === 0) {
    bad('Function calling config is set without function_declarations.')
  }
  if (allowed && mode !== 'ANY' && mode !== 'VALIDATED') {
    bad('Please set allowed_function_names only when function calling mode is ANY.')
  }
  const unknown = allowed?.find((name) => !names.includes(name))
  if (unknown !== undefined) bad(`allowed_function_names has "${unknown}", which is not declared.`)
  const wantsJson = generationConfig?.responseMimeType === 'application/json'
  if (wantsJson && declared.length > 0 && /^gemini-[12]/.test(model)) {
    bad("Function calling with a response mime type: 'application/json' is unsupported")
  }
  const { responseSchema, responseJsonSchema } = generationConfig ?? {}
  if ((responseSchema ?? responseJsonSchema) !== undefined && !wantsJson) {
    bad('Response schema is only supported with response mime type application/json.')
  }
}

// A reference stands alone: whatever is beside it is refused.
function checkReferences(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return
  const members = Object.keys(schema)
  if (members.includes('$ref') && members.some((name) => !name.startsWith('$'))) {
    bad('Schema with $ref must not have other fields.')
  }
  for (const one of Object.values(schema)) checkReferences(one)
}

const ORDER = ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH']

function checkThinking({ generationConfig }: GenerateBody, model: string): void {
  const { thinkingBudget: budget, thinkingLevel } = generationConfig?.thinkingConfig ?? {}
  const level = thinkingLevel?.toUpperCase()
  if (budget !== undefined && level !== undefined) {
    bad('You can only set only one of thinking budget and thinking level.')
  }
  const isOld = /^gemini-[12]/.test(model)
  if (level !== undefined) {
    if (isOld) bad('Thinking level is not supported for this model.')
    const lowest = /pro|flash-?3\.[7-9]|3\.[7-9]-flash|gemini-4/.test(model) ? 'LOW' : 'MINIMAL'
    if (ORDER.indexOf(level) < ORDER.indexOf(lowest)) {
      bad(
        `Thinking level ${level} is not supported for this model. Please retry with other thinking level.`,
      )
    }
  }
  if (budget === undefined || budget === -1) return
  if (!isOld && budget === 0) bad('Budget 0 is invalid. This model only works in thinking mode.')
  const [least, most] = model.includes('pro') ? [128, 32_768] : [0, 24_576]
  if (isOld && (budget < least || budget > most)) {
    bad(
      `The thinking budget ${budget} is invalid. Please choose a value between ${least} and ${most}.`,
    )
  }
}

function checkSignatures(contents: Contents): void {
  for (const [index, { parts }] of contents.entries()) {
    for (const { functionCall: call, thoughtSignature: signature } of parts) {
      if (signature === undefined) continue
      const isGood = call
        ? isCallSignature(signature, call.name, call.args)
        : isTextSignature(signature)
      if (!isGood) bad(`Thought signature is not valid. Position ${index}.`)
    }
  }
  checkFirstCalls(contents)
}

// Only the current turn needs them: what came after the last thing the user said.
function checkFirstCalls(contents: Contents): void {
  const said = contents.findLastIndex(
    ({ role, parts }) => role === 'user' && parts.some((one) => one.text !== undefined),
  )
  for (const [index, { parts }] of contents.entries()) {
    const first = parts.find((one) => one.functionCall)
    if (index <= said || !first || first.thoughtSignature) continue
    bad(
      `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Function call \`${first.functionCall?.name}\`, position ${index}.`,
    )
  }
}
