import { isObject, type JsonObject } from '../../../core/parse.ts'
import type { Draft, FitTarget } from './draft.ts'
import { fitAssistant } from './fit-assistant.ts'
import { fitContent, plainText } from './fit-content.ts'
import { mergeRoles } from './merge-roles.ts'
import { toolIds } from './tool-ids.ts'
import { withoutCacheMark } from './without-cache-mark.ts'

/** What the assistant says between a tool's result and a turn of the user, where it must say something. */
const ACKNOWLEDGEMENT = 'Understood.'

/** The conversation as the host takes it: roles, their order, and what a turn is made of. */
export function fitMessages(body: Draft, target: FitTarget): void {
  if (!Array.isArray(body['messages'])) return
  const rules = target.profile.messages
  const { isExact } = target.profile
  const given: readonly unknown[] =
    isExact || rules.takesCacheMarks === true
      ? body['messages']
      : body['messages'].map(withoutCacheMarks)
  const fitOne = messageFitter(target)
  let messages = given.flatMap(fitOne)
  if (rules.mergesRoles) messages = mergeRoles(messages)
  if (rules.needsAssistantAfterTool) messages = messages.flatMap(acknowledged)
  const last = messages.at(-1)
  if (rules.marksPrefill && isPrefill(last)) {
    messages[messages.length - 1] = { ...last, prefix: true }
  }
  body['messages'] = messages
}

function messageFitter(target: FitTarget): (message: unknown) => unknown[] {
  const { profile, compat } = target
  const idOf = toolIds(profile.tools.ids)
  let hasBegun = false
  return (message) => {
    if (!isObject(message)) return [message]
    switch (message['role']) {
      case 'system':
      case 'developer': {
        const content = fitContent(message['content'], target)
        if (hasBegun && profile.messages.foldsLaterSystem) return [asUser(content)]
        return [{ ...message, role: profile.messages.systemRole, content }]
      }
      case 'user': {
        hasBegun = true
        const { name, ...nameless } = message
        const content = fitContent(message['content'], target)
        if (profile.messages.takesNames || name === undefined) return [{ ...message, content }]
        if (name !== null) compat.changed('name')
        return [{ ...nameless, content }]
      }
      case 'assistant': {
        hasBegun = true
        return fitAssistant(message, { ...target, idOf })
      }
      case 'tool': {
        hasBegun = true
        const { tool_call_id } = message
        const content = fitContent(message['content'], target)
        if (typeof tool_call_id !== 'string') return [{ ...message, content }]
        return [{ ...message, content, tool_call_id: idOf(tool_call_id) }]
      }
      default:
        return [message]
    }
  }
}

function withoutCacheMarks(message: unknown): unknown {
  if (!isObject(message)) return message
  const unmarked = withoutCacheMark(message)
  const { content } = unmarked
  if (!Array.isArray(content)) return unmarked
  const given: readonly unknown[] = content
  const parts = given.map((part) => (isObject(part) ? withoutCacheMark(part) : part))
  return { ...unmarked, content: parts }
}

/** Instructions in the middle, for models that take them at the beginning only. They stay where they were said. */
function asUser(content: unknown): Draft {
  return { role: 'user', content: `<system>\n${plainText(content)}\n</system>` }
}

function acknowledged(message: unknown, at: number, messages: readonly unknown[]): unknown[] {
  const isBridge = roleOf(message) === 'user' && roleOf(messages[at - 1]) === 'tool'
  return isBridge ? [{ role: 'assistant', content: ACKNOWLEDGEMENT }, message] : [message]
}

function roleOf(message: unknown): unknown {
  return isObject(message) ? message['role'] : undefined
}

function isPrefill(message: unknown): message is JsonObject {
  return isObject(message) && message['role'] === 'assistant' && message['tool_calls'] === undefined
}
