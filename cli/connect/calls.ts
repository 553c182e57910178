import type { ResetCode, Welcome } from '../../src/tunnel/frame-json.ts'
import type { RequestFrame, StreamFrame } from '../../src/tunnel/frames.ts'
import { openStreams } from '../../src/tunnel/open-streams.ts'
import { ProtocolError } from '../../src/tunnel/protocol-error.ts'
import { type AllowedRequest, isAllowed } from './allowed-requests.ts'
import { beginExchange, type Exchange, type ExchangeLink } from './exchange.ts'
import type { FinishedRequest } from './happening.ts'

/** The calls of one connection. */
export interface Calls {
  /** Those that are not over. */
  readonly running: number
  /** Takes a frame of a call. @throws {ProtocolError} */
  readonly receive: (frame: StreamFrame) => void
  /** From now on new calls are refused. */
  readonly takeNoMore: () => void
  readonly forEach: (act: (exchange: Exchange) => void) => void
}

export interface CallsOptions extends Pick<ExchangeLink, 'server' | 'credential' | 'clock'> {
  readonly allowed: readonly AllowedRequest[]
  readonly onRequest: (finished: Omit<FinishedRequest, 'connection'>) => void
}

/** What the calls need of their connection. */
export interface CallsLink extends Pick<ExchangeLink, 'send' | 'isClogged'> {
  /** Called when a call is over. */
  readonly onOver: () => void
}

/** The calls of a connection on the terms that Keyway said WELCOME with. */
export function createCalls(options: CallsOptions, link: CallsLink, terms: Welcome): Calls {
  const streams = openStreams<Exchange | undefined>()
  let takesMore = true

  function open(frame: RequestFrame): void {
    const { stream, head } = frame
    // Before anything is begun.
    if (stream <= streams.highest) throw new ProtocolError('stream id used before')
    const about = { stream, method: head.method, path: head.path.split('?', 1)[0] ?? '' }
    const code = refusalOf(frame)
    if (code !== undefined) {
      streams.add(stream, undefined)
      streams.remove(stream)
      link.send({ type: 'reset', stream, notice: { code } })
      options.onRequest({ ...about, outcome: code, ms: 0, receivedBytes: 0, sentBytes: 0 })
      return
    }
    const onEnd: ExchangeLink['onEnd'] = (result) => {
      streams.remove(stream)
      options.onRequest({ ...about, ...result })
      link.onOver()
    }
    const exchange = beginExchange(frame, { ...options, ...link, sendWindow: terms.window, onEnd })
    streams.add(stream, exchange)
  }

  function refusalOf({ head }: RequestFrame): ResetCode | undefined {
    if (!takesMore) return 'draining'
    if (streams.size >= terms.max_concurrent) return 'saturated'
    return isAllowed(options.allowed, head.method, head.path) ? undefined : 'refused'
  }

  return {
    get running() {
      return streams.size
    },
    receive(frame) {
      if (frame.type === 'request') open(frame)
      else streams.find(frame.stream)?.receive(frame)
    },
    takeNoMore() {
      takesMore = false
    },
    forEach(act) {
      for (const exchange of streams.all()) if (exchange) act(exchange)
    },
  }
}
