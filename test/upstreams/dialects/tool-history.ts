import { refuse } from '../provider.ts'

interface Message {
  role: string
  tool_calls?: readonly { id: string }[] | null | undefined
  tool_call_id?: string | null | undefined
}

/** Refuses a history in which a tool call has no result, or a result no call, as OpenAI and those who copy it do. */
export function checkToolHistory(messages: readonly Message[]): void {
  let open: string[] = []
  for (const [index, message] of messages.entries()) {
    if (message.role === 'tool') {
      if (!open.includes(message.tool_call_id ?? '')) {
        refuse(
          'bad-request',
          `Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.`,
          { param: `messages.[${index}].role` },
        )
      }
      open = open.filter((id) => id !== message.tool_call_id)
      continue
    }
    if (open.length > 0) missingResults(open)
    open = message.role === 'assistant' ? (message.tool_calls ?? []).map(({ id }) => id) : []
  }
  if (open.length > 0) missingResults(open)
}

function missingResults(ids: string[]): never {
  return refuse(
    'bad-request',
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids.join(', ')}`,
    { param: 'messages' },
  )
}
