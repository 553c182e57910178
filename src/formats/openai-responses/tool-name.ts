import type { ChatRequest, Tool } from '../../core/chat.ts'

/**
 * Namespaces group tools. Other formats know no groups, so there a tool's name begins with its namespace's.
 * https://platform.openai.com/docs/guides/function-calling
 */
export function nameInNamespace(namespace: string | undefined, name: string): string {
  if (namespace === undefined || namespace === '') return name
  return namespace.endsWith('__') ? namespace + name : `${namespace}__${name}`
}

/** What a model's call of a tool is shown as. */
export interface CallFace {
  readonly name: string
  readonly namespace?: string
  readonly isFreeform: boolean
}

/** How the calls of a request's tools are shown to its caller. */
export function callFaces({ tools }: ChatRequest): (name: string) => CallFace {
  const known = new Map(tools.map((tool) => [tool.name, tool]))
  return (name) => faceOf(name, known.get(name))
}

function faceOf(name: string, tool: Tool | undefined): CallFace {
  return { name, ...tool?.namespaced, isFreeform: tool?.isFreeform === true }
}
