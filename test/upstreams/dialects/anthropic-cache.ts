import { refuse } from '../provider.ts'
import { blocksOf, type MessageBody } from './anthropic-body.ts'

interface Mark {
  ttl?: '5m' | '1h' | undefined
  scope?: string | undefined
}

/** Refuses more than four cache marks, a long-lived one behind a short-lived one, and scopes on other companies' hosts. */
export function checkCacheMarks(body: MessageBody, isHosted: boolean): void {
  const marks = marksIn(body)
  const all = body.cache_control ? [...marks, body.cache_control] : marks
  if (all.length > 4) {
    refuse(
      'bad-request',
      `A maximum of 4 blocks with cache_control may be provided. Found ${all.length}.`,
    )
  }
  const short = marks.findIndex(({ ttl }) => ttl !== '1h')
  if (short !== -1 && marks.slice(short).some(({ ttl }) => ttl === '1h')) {
    refuse(
      'bad-request',
      `a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: \`tools\`, \`system\`, \`messages\`.`,
    )
  }
  if (isHosted && all.some(({ scope }) => scope !== undefined)) {
    refuse('bad-request', 'cache_control.ephemeral.scope: Extra inputs are not permitted')
  }
}

/** In the order in which they count: tools, system, messages. */
function marksIn({ tools = [], system = [], messages }: MessageBody): Mark[] {
  const blocks = messages
    .flatMap(blocksOf)
    .flatMap((block) => [
      ...(block.type === 'tool_result' && typeof block.content === 'object' ? block.content : []),
      block,
    ])
  return [...tools, ...(typeof system === 'string' ? [] : system), ...blocks].flatMap((one) => {
    const mark = 'cache_control' in one ? (one.cache_control as Mark | null | undefined) : undefined
    return mark ? [mark] : []
  })
}
