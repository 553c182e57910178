import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Frame } from './provider.ts'

const FLUSH_BYTES = 16 * 1024
/** Chunks are up to so many bytes long, each scale as often as the next. */
const SCALES = [3, 40, 200, 200, 1500]
/** How far ahead a painful place to cut is looked for. */
const WINDOW_BYTES = 1000

/** Where an answer is written, and what tells that its reader left. */
export interface Outlet {
  response: ServerResponse
  left: AbortSignal
  random: () => number
}

/** Writes events in chunks that respect no boundary of events, lines or characters; `gapMs` comes before each delta. Stops when the reader leaves. */
export async function writeFrames(
  outlet: Outlet,
  frames: Iterable<Frame>,
  gapMs: number,
): Promise<void> {
  let held: Uint8Array[] = []
  let heldBytes = 0
  for (const frame of frames) {
    if ((gapMs > 0 && frame.isDelta) || heldBytes > FLUSH_BYTES) {
      await writeInChunks(outlet, Buffer.concat(held))
      held = []
      heldBytes = 0
      if (gapMs > 0 && frame.isDelta) await pause(gapMs, outlet.left)
    }
    if (outlet.left.aborted) return
    held.push(frame.bytes)
    heldBytes += frame.bytes.length
  }
  await writeInChunks(outlet, Buffer.concat(held))
}

/** Waits, or less when the reader leaves first. */
export async function pause(ms: number, left: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: left }).catch(() => undefined)
}

/** Waits until the reader leaves. */
export async function untilLeft(left: AbortSignal): Promise<void> {
  if (!left.aborted) await once(left, 'abort')
}

async function writeInChunks(outlet: Outlet, bytes: Buffer): Promise<void> {
  let from = 0
  while (from < bytes.length && !outlet.left.aborted) {
    const end = chunkEnd(bytes, from, outlet.random)
    await write(outlet, bytes.subarray(from, end))
    from = end
    // Writes of one turn are sent as one packet; a turn between them keeps them apart.
    await nextTurn()
  }
}

// Mostly some lines, sometimes a few bytes, sometimes many events at once; and often where it hurts.
function chunkEnd(bytes: Buffer, from: number, random: () => number): number {
  const scale = SCALES[Math.floor(random() * SCALES.length)] ?? 1
  const end = from + 1 + Math.floor(random() * scale)
  const place = random()
  if (place < 0.2) return insideCharacter(bytes, from) ?? end
  if (place < 0.4) return insideSeparator(bytes, from) ?? end
  return end
}

function insideCharacter(bytes: Buffer, from: number): number | undefined {
  const window = bytes.subarray(from + 1, from + WINDOW_BYTES)
  const at = window.findIndex((byte) => (byte & 0xc0) === 0x80)
  return at === -1 ? undefined : from + 1 + at
}

function insideSeparator(bytes: Buffer, from: number): number | undefined {
  const at = bytes.subarray(from, from + WINDOW_BYTES).indexOf('\n\n')
  return at === -1 ? undefined : from + at + 1
}

async function write({ response, left }: Outlet, bytes: Uint8Array): Promise<void> {
  if (left.aborted || response.write(bytes)) return
  await once(response, 'drain', { signal: left }).catch(() => undefined)
}
