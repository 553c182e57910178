import { refuse } from '../provider.ts'
import type { Prompt } from '../reply.ts'
import type { GenerateBody } from './gemini-body.ts'

/** Refuses a conversation that Gemini would not go on with. */
export function checkGeminiRules(body: GenerateBody, model: string): void {
  const { contents } = body
  for (const [index, { role, parts }] of contents.entries()) {
    if (index > 0 && contents[index - 1]?.role === role) {
      refuse(
        'bad-request',
        'Please ensure that multiturn requests alternate between user and model.',
      )
    }
    const calls = (contents[index - 1]?.parts ?? []).filter((one) => one.functionCall)
    const responses = parts.filter((one) => one.functionResponse)
    if (role === 'user' && calls.length !== responses.length) {
      refuse(
        'bad-request',
        'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
      )
    }
  }
  if (contents.at(-1)?.role !== 'user') {
    refuse('bad-request', 'Please ensure that the last content has the role user.')
  }
  const { thinkingBudget, thinkingLevel } = body.generationConfig?.thinkingConfig ?? {}
  if (thinkingBudget !== undefined && thinkingLevel !== undefined) {
    refuse('bad-request', 'You can only set only one of thinking budget and thinking level.')
  }
  if (/^gemini-[3-9]/.test(model)) checkSignatures(contents)
}

// Only the current turn is checked: what came after the last thing the user said.
function checkSignatures(contents: GenerateBody['contents']): void {
  const said = contents.findLastIndex(
    ({ role, parts }) => role === 'user' && parts.some((one) => one.text !== undefined),
  )
  for (const [index, { parts }] of contents.entries()) {
    const first = parts.find((one) => one.functionCall)
    if (index <= said || !first || first.thoughtSignature) continue
    refuse(
      'bad-request',
      `Function call is missing a thought_signature in functionCall parts. Function call \`${first.functionCall?.name}\`, position ${index}.`,
    )
  }
}

/** What the model makes of it. */
export function promptOfContents(
  body: Pick<GenerateBody, 'contents' | 'tools' | 'generationConfig'>,
): Prompt {
  const parts = body.contents.findLast(({ role }) => role === 'user')?.parts ?? []
  const responses = parts.flatMap(({ functionResponse }) =>
    functionResponse ? [JSON.stringify(functionResponse.response)] : [],
  )
  const heard = [...responses, ...parts.map((one) => one.text ?? '')].join('')
  const name = body.tools?.flatMap((one) => one.functionDeclarations ?? [])[0]?.name
  return {
    heard,
    tool: responses.length > 0 ? undefined : name,
    thinks: body.generationConfig?.thinkingConfig?.includeThoughts === true,
  }
}
