import { promptFrom, type Choice, type Line, type Prompt } from '../conversation.ts'
import type { GenerateBody } from './gemini-body.ts'

type Part = GenerateBody['contents'][number]['parts'][number]

/** What the model makes of a request for content. Calls have no ids: their place stands for one. */
export function promptOfContents(
  body: Pick<
    GenerateBody,
    'contents' | 'systemInstruction' | 'tools' | 'toolConfig' | 'generationConfig'
  >,
): Prompt {
  const { responseMimeType, responseSchema, responseJsonSchema, maxOutputTokens, thinkingConfig } =
    body.generationConfig ?? {}
  const wantsJson = responseMimeType === 'application/json' || undefined
  return promptFrom({
    lines: [
      ...(body.systemInstruction?.parts ?? []).map(({ text }): Line => ({ kind: 'system', text })),
      ...contentLines(body.contents),
    ],
    tools: body.tools
      ?.flatMap((one) => one.functionDeclarations ?? [])
      .map(({ name, parameters, parametersJsonSchema }) => ({
        name,
        schema: parametersJsonSchema ?? parameters,
      })),
    choice: choiceOf(body.toolConfig),
    thinks: thinkingConfig?.includeThoughts === true,
    format: responseJsonSchema ?? responseSchema ?? wantsJson,
    maxTokens: maxOutputTokens,
  })
}

function contentLines(contents: GenerateBody['contents']): Line[] {
  let calls = 0
  let results = 0
  return contents.flatMap(({ role, parts }) =>
    parts.flatMap((part): Line[] => {
      if (part.functionCall) {
        calls += 1
        const { name, args = {} } = part.functionCall
        return [{ kind: 'call', id: String(calls), name, arguments: args }]
      }
      if (part.functionResponse) {
        results += 1
        return [resultLine(part.functionResponse.response, String(results))]
      }
      return partLine(part, role === 'user' ? 'user' : 'assistant')
    }),
  )
}

function partLine(part: Part, kind: 'user' | 'assistant'): Line[] {
  const { text, thought, inlineData, fileData } = part
  if (inlineData) return [{ kind: 'media', mediaType: inlineData.mimeType, data: inlineData.data }]
  if (fileData) {
    return [{ kind: 'media', mediaType: fileData.mimeType ?? '', url: fileData.fileUri }]
  }
  if (text === undefined || text === '') return []
  return [thought === true ? { kind: 'reasoning', text } : { kind, text }]
}

// `output` and `error` are what a function says; another object is what it says as a whole.
function resultLine(response: Record<string, unknown>, id: string): Line {
  const isError = response['output'] === undefined && response['error'] !== undefined
  const said = response['output'] ?? response['error'] ?? response
  return {
    kind: 'result',
    id,
    text: typeof said === 'string' ? said : JSON.stringify(said),
    isError,
  }
}

function choiceOf(config: GenerateBody['toolConfig']): Choice {
  const { mode, allowedFunctionNames: only } = config?.functionCallingConfig ?? {}
  if (mode === 'NONE') return 'none'
  if (mode !== 'ANY') return 'auto'
  return only ? { only } : 'required'
}
