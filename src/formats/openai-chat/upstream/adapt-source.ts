import type { JsonObject } from '../../../core/parse.ts'
import type { ChatProfile } from '../profile.ts'

/** Where an answer comes from that is brought into OpenAI's exact shape. */
export interface AdaptSource {
  readonly profile: ChatProfile
  /** What the caller sent: its model's name, for answers that do not tell, and whether a stream is to tell its usage. */
  readonly body: JsonObject
  /** Unlike every other request's; ids that the host does not give are made from it. */
  readonly requestId: string
  /** When the request came, in seconds since 1970. */
  readonly createdSeconds: number
}
