/** The text of the events that blocks consist of; each block has the next index. */
export interface BlockEvents {
  /** Begins a block, given as JSON; its deltas are of that type. */
  start(block: string, delta: DeltaType): string
  /** More of the block that was begun last. */
  delta(text: string): string
  signature(signature: string): string
  stop(): string
}

export type DeltaType = keyof typeof MEMBER_OF_DELTA

const MEMBER_OF_DELTA = {
  text_delta: 'text',
  thinking_delta: 'thinking',
  input_json_delta: 'partial_json',
  signature_delta: 'signature',
} as const

/** https://platform.claude.com/docs/en/build-with-claude/streaming */
export function blockEvents(): BlockEvents {
  let index = -1
  /** What is the same in all deltas of a block: everything but their text, and the end. */
  let head = ''
  const headOf = (type: DeltaType): string =>
    `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"${type}","${MEMBER_OF_DELTA[type]}":`
  return {
    start(block, delta) {
      index++
      head = headOf(delta)
      return `event: content_block_start\ndata: {"type":"content_block_start","index":${index},"content_block":${block}}\n\n`
    },
    delta: (text) => `${head}${JSON.stringify(text)}}}\n\n`,
    signature: (text) => `${headOf('signature_delta')}${JSON.stringify(text)}}}\n\n`,
    stop: () =>
      `event: content_block_stop\ndata: {"type":"content_block_stop","index":${index}}\n\n`,
  }
}
