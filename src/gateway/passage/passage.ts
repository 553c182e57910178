import type { MemberEdits } from '../../core/json-members.ts'
import type { JsonObject } from '../../core/parse.ts'
import type { ToldUsage } from '../../core/told-usage.ts'
import type { Service } from '../../providers/provider.ts'
import type { WatchedStage } from '../../streams/reading-stage.ts'
import type { Answered } from '../attempt/outcome.ts'
import type { Target } from '../target/target.ts'

/**
 * How one call crosses from the caller's format to a provider's, and its answer back: untouched, put into the exact
 * shape of the same format, or translated.
 */
export interface Passage {
  readonly service: Service
  /** The path behind the target's base, with its query, encoded. */
  pathFor(target: Target): string
  /** Headers that the service wants, beside those that say what the body is. */
  headersFor(target: Target): Readonly<Record<string, string>>
  /** The body for a target. Throws `unsupported_parameter` for what the target cannot take. */
  bodyFor(target: Target): string
  /** What becomes of a streamed answer on its way. */
  stageFor(answered: Answered): WatchedStage
  /** The caller's text for a whole answer's; left out where the answer goes as it came. */
  wholeAnswer?(answered: Answered, text: string): string
  /** The caller's text for one that goes as it came but for a detail. */
  edited?(text: string): string
  /** What an answer that goes as it came tells of its tokens. */
  told?(text: string): ToldUsage
  /** Whether the upstream is asked for a stream, where that is not as the caller wishes. */
  readonly asksForStream?: boolean
  /** The stream for a whole answer, as the upstream would have sent it. */
  asStream?(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array>
  /** The caller's text for a whole answer that came as a stream. Throws the caller's error where it did not come whole. */
  assembled?(answered: Answered, body: ReadableStream<Uint8Array>): Promise<string>
}

/** What every way to cross needs to know of the service's host. */
export interface HostSide {
  headersFor(target: Target): Readonly<Record<string, string>>
  pathFor(target: Target): string
  editsFor(target: Target, sent: JsonObject): MemberEdits
}
