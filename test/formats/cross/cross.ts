import type { CompatMode } from '../../../src/core/compat.ts'
import { GatewayError } from '../../../src/core/errors.ts'
import type { JsonObject } from '../../../src/core/parse.ts'
import type { ClientChatFormat } from '../../../src/core/wire-format.ts'
import { choosePassage } from '../../../src/gateway/passage/choose-passage.ts'
import type { Passage } from '../../../src/gateway/passage/passage.ts'
import { newTrace, type Trace } from '../../../src/gateway/record/trace.ts'
import type { Target } from '../../../src/gateway/target/target.ts'
import { findProvider } from '../../../src/providers/registry.ts'
import type { WatchedStage } from '../../../src/streams/reading-stage.ts'
import type { Prompt } from '../../upstreams/conversation.ts'
import { type Incoming, type Proof, type Provider, type World } from '../../upstreams/provider.ts'
import { anthropic } from '../../upstreams/providers/anthropic.ts'
import { azure } from '../../upstreams/providers/azure.ts'
import { bedrock } from '../../upstreams/providers/bedrock.ts'
import { deepseek } from '../../upstreams/providers/deepseek.ts'
import { googleVertexAi } from '../../upstreams/providers/google-vertex-ai.ts'
import { mistral } from '../../upstreams/providers/mistral.ts'
import { openai } from '../../upstreams/providers/openai.ts'
import { xai } from '../../upstreams/providers/xai.ts'
import { zai } from '../../upstreams/providers/zai.ts'
import type { Place } from './places.ts'

/** What the gateway would send to a place, and what it would warn the caller of. */
export interface Crossed {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: JsonObject
  readonly warnings: readonly string[]
}

/** The way of a caller's body to a place. */
function passageTo(
  client: ClientChatFormat,
  asked: JsonObject,
  place: Place,
  mode: CompatMode,
): { passage: Passage; target: Target; trace: Trace } {
  const provider = findProvider(place.provider)
  if (provider === undefined) throw new Error(`nobody knows ${place.provider}`)
  const { service, site, model } = place
  const body = { ...asked, model: `${place.provider}/${model}` }
  const call = {
    text: JSON.stringify(body),
    body,
    model: body.model,
    modelInBody: body.model,
    wantsStream: asked['stream'] === true,
  }
  const opened = {
    call,
    named: { provider, model },
    options: { providerKeyId: undefined, location: undefined, compat: mode, metadata: {} },
    headers: new Headers(),
  }
  const trace = newTrace('req_0123456789')
  const passage = choosePassage({ opened, service, format: client }, { nowMs: () => 0 }, trace)
  return { passage, target: { provider, keyId: 'pk_1', site }, trace }
}

/** Sends a caller's body across, as far as the provider's door. Throws what the caller would be told. */
export function cross(
  client: ClientChatFormat,
  asked: JsonObject,
  place: Place,
  mode: CompatMode = 'default',
): Crossed {
  const { passage, target, trace } = passageTo(client, asked, place, mode)
  const { provider, site } = target
  // What goes over the wire: members that are undefined are not in it.
  const sent = JSON.parse(passage.bodyFor(target)) as JsonObject
  const root = new URL(provider.base(site)).pathname.replace(/\/$/, '')
  return {
    path: (site.location === '' ? '' : `/${site.location}`) + root + passage.pathFor(target),
    headers: passage.headersFor(target),
    body: sent,
    warnings: trace.warnings,
  }
}

const QUESTIONS: Readonly<Record<ClientChatFormat, JsonObject>> = {
  'openai-chat': { messages: [{ role: 'user', content: 'hi' }] },
  'openai-responses': { input: 'hi' },
  'anthropic-messages': { max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] },
}

/** What a streamed answer from a place goes through on its way to a caller. */
export function stageTo(client: ClientChatFormat, place: Place): WatchedStage {
  const asked = { ...QUESTIONS[client], stream: true }
  const { passage, target } = passageTo(client, asked, place, 'default')
  return passage.stageFor({ kind: 'answer', target, response: new Response() })
}

/** The same, or what the gateway has against it. */
export function crossOrRefuse(...asked: Parameters<typeof cross>): Crossed | GatewayError {
  try {
    return cross(...asked)
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
}

const STAND_INS: Readonly<Record<string, Provider>> = {
  anthropic,
  azure,
  bedrock,
  deepseek,
  google_vertex_ai: googleVertexAi,
  mistral,
  openai,
  xai,
  zai,
}

const PROOF: Proof = { credential: 'test', proof: 'none', project: 'project-1' }

/** What the provider's model would hear. Throws what the stand-in for the provider has against the request. */
export function heardAt({ provider }: Place, { path, headers, body }: Crossed): Prompt {
  const [onlyPath = '', query = ''] = path.split('?')
  const request: Incoming = {
    method: 'POST',
    path: onlyPath,
    query,
    headers: { 'content-type': 'application/json', ...headers },
    rawHeaders: [],
    body: Buffer.from(JSON.stringify(body)),
    host: 'stand-in',
  }
  let heard: Prompt | undefined
  const world: World = {
    credentials: undefined as never,
    now: () => 0,
    compose(_, prompt) {
      heard = prompt
      return { pieces: [], finish: 'stop', usage: NO_TOKENS, quirks: new Set() }
    },
  }
  STAND_INS[provider]?.answer(request, world, PROOF)
  if (heard === undefined) throw new Error(`${provider} did not ask its model`)
  return heard
}

const NO_TOKENS = { input: 0, cached: 0, written: 0, output: 0, reasoning: 0 }
