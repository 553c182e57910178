import type { ProviderName } from './provider-name.ts'
import { startStandIns, type StandIns } from './stand-ins.ts'
import { baseUrl, mintToken } from './test-clients.ts'

/** Stand-ins, and a way to send them bodies with a valid credential. */
export interface Posting extends AsyncDisposable {
  readonly standIns: StandIns
  /** Sends a body; `path` is what comes behind the provider's usual beginning. */
  send(provider: ProviderName, body: unknown, path?: string, type?: string): Promise<Response>
  /** The same, read as text. */
  post(
    provider: ProviderName,
    body: unknown,
    path?: string,
    type?: string,
  ): Promise<{ status: number; text: string }>
}

interface Target {
  url: string
  headers: Record<string, string>
}

/** Starts stand-ins, with a credential at each. */
export async function startPosting(): Promise<Posting> {
  const standIns = await startStandIns()
  const targets: Partial<Record<ProviderName, Target>> = {}
  for (const provider of ['openai', 'mistral', 'deepseek', 'xai', 'zai'] as const) {
    const key = await standIns.issueCredential(provider, provider)
    targets[provider] = {
      url: `${baseUrl(standIns, provider)}/chat/completions`,
      headers: { authorization: `Bearer ${key}` },
    }
  }
  const anthropicKey = await standIns.issueCredential('anthropic', 'anthropic')
  targets.anthropic = {
    url: `${baseUrl(standIns, 'anthropic')}/v1/messages`,
    headers: { 'x-api-key': anthropicKey, 'anthropic-version': '2023-06-01' },
  }
  const keys = await standIns.issueCredential('bedrock', 'bedrock', { kind: 'api_key' })
  const aws = keys['us-east-1']
  targets.bedrock = {
    url: `${baseUrl(standIns, 'bedrock', 'us-east-1')}/model/`,
    headers: { authorization: `Bearer ${aws && 'api_key' in aws ? aws.api_key : ''}` },
  }
  const file = await standIns.issueCredential('google_vertex_ai', 'google')
  targets.google_vertex_ai = {
    url: `${baseUrl(standIns, 'google_vertex_ai', 'global')}/v1/projects/${file.project_id}/locations/global/publishers/`,
    headers: { authorization: `Bearer ${await mintToken(standIns, file)}` },
  }
  const azure = await standIns.issueCredential('azure', 'azure')
  targets.azure = {
    url: `${azure.endpoint}/openai/v1`,
    headers: { 'api-key': azure.api_key },
  }
  const send: Posting['send'] = (provider, body, path = '', type = 'application/json') => {
    const target = targets[provider]
    return fetch(`${target?.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': type, ...target?.headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  }
  return {
    standIns,
    send,
    async post(...request) {
      const response = await send(...request)
      return { status: response.status, text: await response.text() }
    },
    [Symbol.asyncDispose]: () => standIns.close(),
  }
}
