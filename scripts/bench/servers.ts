import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUNDLE } from '../run-worker.ts'
import { benchKeyway, type BenchKeyway } from './bench-keyway.ts'
import { carelessBundle } from './careless-bundle.ts'
import type { BenchCase, FloorName, UpstreamName } from './cases.ts'
import type { PeerExchange } from './exchanges.ts'
import type { Served } from './kept-process.ts'
import { DELTAS } from './metrics.ts'
import type { LoadRequest } from './send-load.ts'
import type { Peer } from './serve-peer.ts'
import { type ServedWorker, serveWorkerd } from './serve-workerd.ts'
import { type Replay, type ReplayOptions, startReplay } from './start-replay.ts'

/** A server, and the request that it is asked. */
export interface Contender {
  readonly server: Served
  readonly load: LoadRequest
}

/** Those of one case, in the order in which they take turns. */
export interface Contenders {
  readonly replay: Replay
  readonly alone: Contender
  readonly floor: Contender
  readonly keyway: Contender
  readonly peer?: Contender
}

/** What serves the cases: started when a case first needs it, and there until the end. */
export interface Servers extends AsyncDisposable {
  contendersOf(row: BenchCase): Promise<Contenders>
}

/** Read once: somebody else may build while this runs. */
const bundle = readFileSync(BUNDLE, 'utf8')

export const UPSTREAMS: Readonly<Record<UpstreamName, ReplayOptions>> = {
  burst: { deltas: DELTAS, gapMs: 0 },
  paced: { deltas: DELTAS, gapMs: 5 },
  brief: { deltas: 8, gapMs: 2 },
}

export function newServers(servePeer: (() => Promise<Peer>) | undefined): Servers {
  const stack = new AsyncDisposableStack()
  const started = new Map<string, Promise<Served>>()
  const once = async <Server extends Served>(
    name: string,
    start: () => Promise<Server>,
  ): Promise<Server> => {
    const known = started.get(name) ?? start().then((server) => stack.use(server))
    started.set(name, known)
    return (await known) as Server
  }
  const floorOf = async (
    { floor, upstream, keyway, native, withoutCare = keyway }: Omit<BenchCase, 'variant'>,
    upstreamUrl: string,
  ): Promise<Contender> => {
    if (floor === 'careless') {
      const server = await once(`careless ${upstream}`, () => serveCareless(upstreamUrl))
      return { server, load: keywayLoad(server, withoutCare) }
    }
    const server = await once(`${floor} ${upstream}`, () => serveFloor(floor, upstreamUrl))
    return { server, load: loadOf(server.url, native) }
  }
  return {
    async contendersOf({ floor, upstream, variant = 'warm', ...way }) {
      const replay = await once(upstream, () => startReplay(UPSTREAMS[upstream]))
      const keyway = await once(`keyway ${upstream} ${variant}`, () =>
        serveKeyway(replay.url, variant),
      )
      const peer = servePeer &&
        way.peer && { exchange: way.peer, server: await once('peer', servePeer) }
      return {
        replay,
        alone: { server: replay, load: loadOf(replay.url, way.native) },
        floor: await floorOf({ floor, upstream, ...way }, replay.url),
        keyway: { server: keyway, load: keywayLoad(keyway, way.keyway) },
        ...(peer && {
          peer: { server: peer.server, load: peerLoad(peer.server, peer.exchange, replay.url) },
        }),
      }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** Keyway without what watches over requests. */
async function serveCareless(upstream: string): Promise<BenchKeyway> {
  return await benchKeyway({ bundle: await carelessBundle(), upstream, metering: 'off' })
}

/** A bare proxy before this upstream. */
export function serveFloor(
  floor: Exclude<FloorName, 'careless'>,
  upstream: string,
): Promise<ServedWorker> {
  const script = readFileSync(join(import.meta.dirname, `${floor}-worker.js`), 'utf8')
  return serveWorkerd({ script, vars: { UPSTREAM: upstream } })
}

/** Keyway before this upstream. */
export function serveKeyway(
  upstream: string,
  variant: NonNullable<BenchCase['variant']> | 'inspected' = 'warm',
): Promise<BenchKeyway> {
  return benchKeyway({
    bundle,
    upstream,
    inspect: variant === 'inspected',
    ...(variant === 'cold' ? { cacheSeconds: 0 } : {}),
    ...(variant === 'many-keys' ? { providerKeys: 500 } : {}),
    isLimited: variant === 'limited',
  })
}

/** A request of a provider's own, to it or to a bare proxy. */
export function loadOf(
  url: string,
  { path, body, end }: BenchCase['native'],
  headers: LoadRequest['headers'] = { authorization: 'Bearer bench', 'x-api-key': 'bench' },
): LoadRequest {
  const text = JSON.stringify(body)
  return {
    url: url + path,
    body: text,
    end,
    headers: {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      'anthropic-version': '2023-06-01',
      ...headers,
    },
  }
}

/** The same through Keyway. */
export function keywayLoad(
  { url, apiKey }: BenchKeyway,
  exchange: BenchCase['keyway'],
): LoadRequest {
  return loadOf(url, exchange, { authorization: `Bearer ${apiKey}` })
}

/** The same through the peer. */
export function peerLoad(
  { url }: Served,
  { upstreamPath, headers, ...exchange }: PeerExchange,
  upstream: string,
): LoadRequest {
  return loadOf(url, exchange, { ...headers, 'x-portkey-custom-host': upstream + upstreamPath })
}
