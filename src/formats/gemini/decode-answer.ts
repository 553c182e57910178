import { assembleAnswer } from '../../core/assemble-answer.ts'
import type { ChatAnswer } from '../../core/chat.ts'
import { GatewayError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/parse.ts'
import type { DecodeSource } from '../../core/translation.ts'
import type { StreamedError } from '../../core/wire-format.ts'
import { chunkReader } from './decode-stream.ts'
import type { GeminiProfile } from './profile.ts'

/** A whole answer has the shape of a stream's chunk, and means what a stream of one chunk does. */
export function decodeAnswer(body: JsonObject, source: DecodeSource<GeminiProfile>): ChatAnswer {
  const assembly = assembleAnswer()
  const failures: StreamedError[] = []
  const reader = chunkReader(source, (event) => {
    if (event.kind === 'error') failures.push(event.error)
    else assembly.next(event)
  })
  reader.next(body)
  reader.close()
  const [failure] = failures
  if (failure !== undefined) {
    const { message, code, status } = failure
    throw new GatewayError('upstream_error', message, {
      ...(status === undefined ? {} : { status }),
      ...(code === undefined ? {} : { upstream: { code } }),
    })
  }
  const answer = assembly.answer()
  if (answer === undefined) {
    throw new GatewayError('upstream_error', 'The provider sent an answer that makes no sense.')
  }
  return answer
}
