import { frame, LAST, type RawFrame, TYPE } from './tunnel-frames.ts'

/** One call, as the Worker's side sees it. It throws at whatever docs/tunnel.md forbids. */
export interface FakeStream {
  readonly id: number
  /** Resolves with the head of the answer; rejects where there is none. */
  readonly head: Promise<{ status: number; headers: [string, string][] }>
  /** Resolves when the answer is whole; rejects with the code of RESET, or `lost`. */
  readonly whole: Promise<Buffer>
  /** Bytes of the answer so far. */
  readonly received: () => number
  /** Bytes of the request's body that were sent so far. */
  readonly uploaded: () => number
  /** The names of the frames so far, DATA once for all in a row. */
  readonly frames: () => readonly string[]
  /** Resolves when a frame of this name has come. */
  readonly until: (name: keyof typeof TYPE) => Promise<void>
  /** Resolves when so many bytes of the answer have come. */
  readonly untilBytes: (count: number) => Promise<void>
  /** Lets the connector send so much more, and from then on everything. */
  readonly grant: (bytes: number) => void
  readonly flow: () => FakeStream
  readonly cancel: () => void
  /** For the connection. */
  readonly receive: (frame: RawFrame) => void
  readonly upload: () => void
  readonly lose: () => void
}

export interface FakeStreamOptions {
  readonly send: (message: Buffer) => void
  readonly window: number
  readonly uploadWindow: number
  readonly body: Buffer
}

const NAMES = Object.fromEntries(Object.entries(TYPE).map(([name, code]) => [code, name]))

export function fakeStream(id: number, options: FakeStreamOptions): FakeStream {
  const { send, body } = options
  const head = Promise.withResolvers<{ status: number; headers: [string, string][] }>()
  const whole = Promise.withResolvers<Buffer>()
  const parts: Buffer[] = []
  const names: string[] = []
  const waiting: { readonly isMet: () => boolean; readonly resolve: () => void }[] = []
  let received = 0
  let credit = options.window
  let uploadCredit = options.uploadWindow
  let uploaded = 0
  let flows = false
  let isOver = false
  let isCancelled = false

  head.promise.catch(() => undefined)
  whole.promise.catch(() => undefined)

  const until = (isMet: () => boolean): Promise<void> =>
    isMet() ? Promise.resolve() : new Promise((resolve) => waiting.push({ isMet, resolve }))

  const fail = (reason: string): void => {
    isOver = true
    head.reject(new Error(reason))
    whole.reject(new Error(reason))
  }

  const grant = (bytes: number): void => {
    credit += bytes
    send(frame('window', id, bytes))
  }

  const upload = (): void => {
    if (isOver) return
    while (uploaded < body.length && uploadCredit > 0) {
      const size = Math.min(uploadCredit, 65_536, body.length - uploaded)
      const part = body.subarray(uploaded, uploaded + size)
      uploaded += size
      uploadCredit -= size
      send(frame('data', id, part, uploaded === body.length ? LAST : 0))
    }
  }

  const receive = ({ type, flags, payload }: RawFrame): void => {
    if (isOver) throw new Error(`${NAMES[type]} on a stream that is over`)
    const name = NAMES[type] ?? 'unknown'
    if (name !== 'data' || names.at(-1) !== 'data') names.push(name)
    if (type === TYPE.response) head.resolve(JSON.parse(payload.toString()) as never)
    else if (type === TYPE.window) {
      uploadCredit += payload.readUInt32BE()
      upload()
    } else if (type === TYPE.reset) fail((JSON.parse(payload.toString()) as { code: string }).code)
    else if (type === TYPE.data) {
      if (!names.includes('response')) throw new Error('data before response')
      credit -= payload.length
      if (credit < 0) throw new Error('data beyond the credit')
      received += payload.length
      parts.push(Buffer.from(payload))
      if (flows && payload.length > 0) grant(payload.length)
    }
    if (flags === LAST) {
      isOver = true
      whole.resolve(Buffer.concat(parts))
    }
    for (const one of waiting.splice(0)) {
      if (one.isMet()) one.resolve()
      else waiting.push(one)
    }
  }

  const stream: FakeStream = {
    id,
    head: head.promise,
    whole: whole.promise,
    received: () => received,
    uploaded: () => uploaded,
    frames: () => names,
    until: (name) => until(() => names.includes(name)),
    untilBytes: (count) => until(() => received >= count),
    grant,
    flow() {
      flows = true
      if (received > 0) grant(received)
      return stream
    },
    cancel() {
      isCancelled = true
      isOver = true
      send(frame('reset', id, { code: 'cancelled' }))
    },
    receive(one) {
      // After a cancellation, what was under way comes still.
      if (!isCancelled) receive(one)
    },
    upload,
    lose: () => fail('lost'),
  }
  return stream
}
