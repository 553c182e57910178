import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AllowedRequest, USUAL_REQUESTS } from '../../cli/connect/allowed-requests.ts'
import { type Connector, startConnector } from '../../cli/connect/connector.ts'
import type { Credential } from '../../cli/connect/credential.ts'
import type { Happening } from '../../cli/connect/happening.ts'
import { createModelServer } from '../../cli/connect/model-server.ts'
import { parseTarget } from '../../cli/connect/target.ts'
import { onLoopback } from '../support/loopback.ts'
import {
  type FakeConnector,
  type FakeKeyway,
  type FakeTerms,
  queue,
  startFakeKeyway,
} from './fake-keyway.ts'

/** A call that reached the model server, to be answered by the test. */
export interface Reached {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Resolves when nobody waits for the answer any more. */
  readonly left: Promise<void>
}

/** A model server whose answers the test gives, call by call. */
export interface FakeModel extends AsyncDisposable {
  readonly url: string
  readonly next: () => Promise<Reached>
  readonly count: () => number
}

export async function startFakeModel(): Promise<FakeModel> {
  const reached = queue<Reached>()
  let count = 0
  const server = createServer((request, response) => {
    count += 1
    const left = new Promise<void>((resolve) => {
      response.on('close', resolve)
    })
    reached.put({ request, response, left })
  })
  const listening = await onLoopback(server)
  return {
    ...listening,
    next: reached.take,
    count: () => count,
  }
}

/** A connector between a model and Keyway, both of them the test's. */
export interface Setting extends AsyncDisposable {
  readonly keyway: FakeKeyway
  readonly model: FakeModel
  readonly connector: Connector
  /** The first connection of the connector. */
  readonly link: FakeConnector
  readonly happenings: readonly Happening[]
  /** How long it waited before each attempt; no test waits so long. */
  readonly waits: readonly number[]
}

export interface SettingOptions {
  readonly terms?: FakeTerms
  readonly target?: string
  readonly credential?: Credential
  readonly connections?: number
  /** What HELLO says of it. */
  readonly maxConcurrent?: number
  readonly allowed?: readonly AllowedRequest[]
  readonly token?: () => Promise<string>
  readonly clock?: () => number
  /** Where Keyway and the model are, when they are to be got ready first. */
  readonly keyway?: FakeKeyway
}

/** A connector that has nothing to do with a terminal, a file or the clock. */
export function connectTo(
  keyway: FakeKeyway,
  target: string,
  {
    credential = { kind: 'none' },
    connections = 1,
    maxConcurrent = 64,
    allowed = USUAL_REQUESTS,
    token = () => Promise.resolve('kwc_token'),
    clock = () => performance.now(),
  }: SettingOptions = {},
): Pick<Setting, 'connector' | 'happenings' | 'waits'> {
  const happenings: Happening[] = []
  const waits: number[] = []
  const connector = startConnector({
    place: { url: keyway.url, endpoint: 'lab', env: {} },
    connections,
    server: createModelServer(parseTarget(target)),
    allowed,
    credential: () => credential,
    token,
    hello: () =>
      Promise.resolve({
        agent: 'keyway/test',
        max_concurrent: maxConcurrent,
        window: 262_144,
      }),
    note: (happening) => void happenings.push(happening),
    onLeave: () => undefined,
    clock,
    random: () => 0.5,
    wait(ms) {
      waits.push(ms)
      return Promise.resolve()
    },
  })
  connector.ended.catch(() => undefined)
  return { connector, happenings, waits }
}

export async function newSetting(options: SettingOptions = {}): Promise<Setting> {
  const keyway = options.keyway ?? (await startFakeKeyway(options.terms))
  const model = await startFakeModel()
  const connected = connectTo(keyway, options.target ?? model.url, options)
  const link = await keyway.connector()
  return {
    ...connected,
    keyway,
    model,
    link,
    async [Symbol.asyncDispose]() {
      connected.connector.close()
      await connected.connector.ended.catch(() => undefined)
      await keyway[Symbol.asyncDispose]()
      await model[Symbol.asyncDispose]()
    },
  }
}
