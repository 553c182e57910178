import type { Server } from 'node:http'
import { composeReply } from './compose-reply.ts'
import { createCredentialBook } from './credentials.ts'
import type { ReceivedRequest } from './exchange.ts'
import { createFaultBook, type Fault, type FaultScope } from './faults.ts'
import { googleTokenEndpoint } from './google-token-endpoint.ts'
import { comeBack, goDown, listen, shut } from './listen.ts'
import type { IssueOptions, ProviderKeys } from './provider-keys.ts'
import type { ProviderName, StandInName } from './provider-name.ts'
import type { Provider, World } from './provider.ts'
import { anthropic } from './providers/anthropic.ts'
import { azure } from './providers/azure.ts'
import { bedrock } from './providers/bedrock.ts'
import { deepseek } from './providers/deepseek.ts'
import { googleVertexAi } from './providers/google-vertex-ai.ts'
import { mistral } from './providers/mistral.ts'
import { openai } from './providers/openai.ts'
import { xai } from './providers/xai.ts'
import { zai } from './providers/zai.ts'
import { seededRandom } from './random.ts'
import type { Script } from './script.ts'

export type { ReceivedRequest } from './exchange.ts'
export type { Fault, FaultScope } from './faults.ts'
export type { IssueOptions, ProviderKeys } from './provider-keys.ts'
export type { Line, Prompt } from './conversation.ts'
export type { ProviderName } from './provider-name.ts'
export type { ScriptedAnswer, ScriptedPiece } from './script.ts'
export { BAD_REQUEST_MESSAGE, FAULT_MESSAGE } from './faults.ts'
export { echo } from './compose-reply.ts'
export { usageOf } from './reply.ts'
export { providerNames } from './provider-name.ts'

/** How the stand-ins are started. */
export interface StandInOptions {
  /** Decides where streams are cut into chunks. */
  seed?: number
  /** How long Google's access tokens live. */
  tokenLifetimeSeconds?: number
  /** The stand-ins' clock, in milliseconds. */
  now?: () => number
}

/** Nine providers on loopback, which believe nothing that is not proved. */
export interface StandIns extends AsyncDisposable {
  /** Value for `PROVIDER_BASE_URLS`, not yet JSON. Azure is not in it: its base is in its credential. */
  readonly baseUrls: Record<string, string>
  /** Where each provider listens, without any path: for clients that talk to it directly. */
  readonly origins: Readonly<Record<ProviderName | 'google_token', string>>
  /** Makes a credential that is valid from now on; requests that prove it are recorded under `label`. */
  issueCredential<P extends ProviderName>(
    provider: P,
    label: string,
    options?: IssueOptions,
  ): Promise<ProviderKeys[P]>
  /** From now on the provider refuses it in its own way; Google also forgets the tokens it gave for it. */
  revokeCredential(label: string): void
  /** Everything received so far, in order. */
  readonly requests: readonly ReceivedRequest[]
  /** How many access tokens Google gave out. */
  readonly tokenExchanges: number
  /** Makes a provider misbehave towards those who proved themselves, until cleared or `times` are used up. Faults apply in the order in which they were added. */
  misbehave(provider: ProviderName | 'google_token', fault: Fault, scope?: FaultScope): void
  /** From now on its connections are refused; answers that are under way are finished. */
  goDown(provider: ProviderName): void
  /** Ends that, at the same address. */
  comeBack(provider: ProviderName): Promise<void>
  /** Clears faults and script; also what was received, when asked. */
  reset(options?: { requests?: boolean }): void
  /** What the models answer with. What is left out goes back to its default. */
  script(options: Partial<Script>): void
  /** Lifetime of the access tokens that Google gives out from now on. */
  setTokenLifetime(seconds: number): void
  close(): Promise<void>
}

const DEFAULT_SCRIPT: Script = { deltas: 6, gapMs: 0 }
const DEFAULT_TOKEN_LIFETIME_SECONDS = 3599

/** Starts all of them, each on a port of its own. */
export async function startStandIns(options: StandInOptions = {}): Promise<StandIns> {
  const requests: ReceivedRequest[] = []
  const faults = createFaultBook()
  const servers = new Map<StandInName, Server>()
  let script = DEFAULT_SCRIPT
  let azureEndpoint = ''
  let tokenExchanges = 0
  let tokenLifetime = options.tokenLifetimeSeconds ?? DEFAULT_TOKEN_LIFETIME_SECONDS
  const credentials = createCredentialBook(() => azureEndpoint)
  const world: World = {
    credentials,
    now: options.now ?? Date.now,
    compose: (speaker, prompt) => composeReply(speaker, prompt, script),
  }
  const tokenEndpoint = googleTokenEndpoint({
    lifetimeSeconds: () => tokenLifetime,
    onExchange: () => void (tokenExchanges += 1),
  })
  const seed = options.seed ?? 1
  let started = 0
  const start = async (provider: Provider): Promise<string> => {
    started += 1
    const { server, host } = await listen({
      provider,
      world,
      faults,
      gapMs: () => script.gapMs,
      random: seededRandom(seed + started),
      record: (received) => void requests.push(received),
    })
    servers.set(provider.name, server)
    return `http://${host}`
  }
  const serverOf = (provider: ProviderName): Server => {
    const server = servers.get(provider)
    if (server === undefined) throw new Error(`${provider} was not started`)
    return server
  }
  const origins = {
    anthropic: await start(anthropic),
    openai: await start(openai),
    google_vertex_ai: await start(googleVertexAi),
    mistral: await start(mistral),
    deepseek: await start(deepseek),
    xai: await start(xai),
    zai: await start(zai),
    bedrock: await start(bedrock),
    azure: await start(azure),
    google_token: await start(tokenEndpoint),
  }
  azureEndpoint = origins.azure
  const close = async () => {
    await Promise.all(Array.from(servers.values(), shut))
  }
  return {
    baseUrls: baseUrlsOf(origins),
    origins,
    issueCredential: (provider, label, wishes = {}) => credentials.issue(provider, label, wishes),
    revokeCredential: (label) => credentials.revoke(label),
    requests,
    get tokenExchanges() {
      return tokenExchanges
    },
    misbehave: (provider, fault, scope = {}) => faults.add(provider, fault, scope),
    goDown: (provider) => goDown(serverOf(provider)),
    comeBack: (provider) => comeBack(serverOf(provider), Number(new URL(origins[provider]).port)),
    reset: ({ requests: alsoRequests = false } = {}) => {
      faults.clear()
      script = DEFAULT_SCRIPT
      if (alsoRequests) requests.splice(0)
    },
    script: (wishes) => void (script = { ...DEFAULT_SCRIPT, ...wishes }),
    setTokenLifetime: (seconds) => void (tokenLifetime = seconds),
    close,
    [Symbol.asyncDispose]: close,
  }
}

// The paths that the providers' real bases have, and the variable part of the real host.
function baseUrlsOf(origins: StandIns['origins']): Record<string, string> {
  return {
    anthropic: origins.anthropic,
    openai: `${origins.openai}/v1`,
    google_vertex_ai: `${origins.google_vertex_ai}/{location}`,
    mistral: `${origins.mistral}/v1`,
    deepseek: origins.deepseek,
    xai: `${origins.xai}/v1`,
    zai: `${origins.zai}/api/paas/v4`,
    bedrock: `${origins.bedrock}/{region}`,
    google_token: `${origins.google_token}/token`,
  }
}
