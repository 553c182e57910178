import type { GoogleServiceAccount } from '../core/credentials.ts'
import { GatewayError, invalidRequest } from '../core/errors.ts'
import type { MemberEdits } from '../core/json-members.ts'
import { defined } from '../core/read.ts'
import {
  vertexEmbedContent,
  vertexPredict,
} from '../formats/vertex-embeddings/vertex-embeddings.ts'
import { googleFormat } from '../upstream-auth/google-service-account.ts'
import { googleSelfSigned, googleToken } from '../upstream-auth/google-token.ts'
import { type Betas, vertexBetas } from './claude-betas.ts'
import { hostedClaudeEdits } from './claude-hosting.ts'
import { claudeProfile } from './models/claude.ts'
import { geminiProfile } from './models/gemini.ts'
import { privateChatProfile } from './models/private-models.ts'
import { setModel } from './openai-compatible.ts'
import type { PathCall, Provider, ServiceCall, Site } from './provider.ts'
import { matching, oneOf, textSetting } from './settings.ts'

const LOCATION = /^(?:global|us|eu|[a-z]+-[a-z]+\d{1,2})$/

/** Everything of a project's is behind this; the version may be left out, as in the SDKs whose base holds it. */
const PROJECT_PATH = /^(?:\/(v1|v1beta1))?\/projects\/([^/]+)\/locations\/([^/]+)(\/.+)$/
/** The short form, which names no project and no location. */
const SHORT_PATH = /^(?:\/(v1|v1beta1))?(\/publishers\/.+)$/

const CLAUDE_HEADERS = ['anthropic-beta']

/** https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations */
function host(location: string): string {
  if (location === 'global') return 'https://aiplatform.googleapis.com'
  if (location === 'us' || location === 'eu') {
    return `https://aiplatform.${location}.rep.googleapis.com`
  }
  return `https://${location}-aiplatform.googleapis.com`
}

function projectPath(
  version: string,
  { credential, location }: Site<GoogleServiceAccount>,
): string {
  const project = encodeURIComponent(credential.projectId)
  return `/${version}/projects/${project}/locations/${location}`
}

/** The full path for what a caller sent. A credential is used for its own project only. */
function resolve(
  path: string,
  site: Site<GoogleServiceAccount>,
): { readonly path: string; readonly location: string } {
  const short = SHORT_PATH.exec(path)
  if (short)
    return { path: projectPath(short[1] ?? 'v1', site) + short[2], location: site.location }
  const full = PROJECT_PATH.exec(path)
  if (!full) {
    throw new GatewayError(
      'not_found',
      'A Vertex AI path is /v1/projects/{project}/locations/{location}/… or /v1/publishers/….',
    )
  }
  const [, version = 'v1', project = '', location = '', rest = ''] = full
  if (project !== '-' && decodeURIComponent(project) !== site.credential.projectId) {
    throw invalidRequest(
      "The path names another project than the credential's own. Use that one, or - for it.",
      'project',
    )
  }
  if (!LOCATION.test(location)) {
    throw invalidRequest(
      'The path names no location of Vertex AI, such as global or us-central1.',
      'location',
    )
  }
  return { path: projectPath(version, { ...site, location }) + rest, location }
}

function claudePath({ model, wantsStream, site }: PathCall<GoogleServiceAccount>): string {
  const method = wantsStream ? 'streamRawPredict' : 'rawPredict'
  const id = encodeURIComponent(model).replaceAll('%40', '@')
  return `${projectPath('v1', site)}/publishers/anthropic/models/${id}:${method}`
}

function googleModelPath({ model, site }: PathCall<GoogleServiceAccount>, method: string): string {
  return `${projectPath('v1', site)}/publishers/google/models/${encodeURIComponent(model)}:${method}`
}

const geminiPath = (call: PathCall<GoogleServiceAccount>): string =>
  googleModelPath(call, call.wantsStream ? 'streamGenerateContent?alt=sse' : 'generateContent')

/** Other publishers' models are called in OpenAI's format, by the publisher's name and their own: `meta/llama-…-maas`. */
const PUBLISHED = /^[\w-]+\//

type ClaudeCall = ServiceCall<GoogleServiceAccount>

const claudeBetas = ({ headers }: ClaudeCall, isCounting = false): Betas =>
  vertexBetas(headers.get('anthropic-beta'), isCounting)

const claudeEdits = (call: ClaudeCall, isCounting = false) =>
  hostedClaudeEdits('vertex', call, claudeBetas(call, isCounting))

const betaHeader = ({ kept }: Betas): Readonly<Record<string, string>> =>
  kept.length === 0 ? {} : { 'anthropic-beta': kept.join(',') }

const VERSION = { anthropic_version: 'vertex-2023-10-16' }

/** https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest */
export const googleVertexAi: Provider<GoogleServiceAccount> = {
  name: 'google_vertex_ai',
  credential: googleFormat,
  auth: (settings) =>
    textSetting(settings, 'token') === 'self_signed' ? googleSelfSigned : googleToken,
  base: ({ location }) => host(location),
  locations: {
    pattern: LOCATION,
    defaultOf: (settings) => textSetting(settings, 'location') ?? 'global',
  },
  settings: {
    location: matching(LOCATION, 'us-central1'),
    token: oneOf(['exchange', 'self_signed']),
  },
  services: [
    {
      format: 'anthropic-messages',
      models: /^claude-/,
      path: claudePath,
      edits(call): MemberEdits {
        const { set, remove } = claudeEdits(call)
        return { remove: ['model', ...remove], set: { ...set, ...VERSION } }
      },
      headersFor: (call) => betaHeader(claudeBetas(call)),
      profile: (model) => claudeProfile(model, 'vertex'),
    },
    {
      format: 'anthropic-count-tokens',
      models: /^claude-/,
      path: ({ site }) =>
        `${projectPath('v1', site)}/publishers/anthropic/models/count-tokens:rawPredict`,
      edits(call): MemberEdits {
        const { set, remove } = claudeEdits(call, true)
        return { remove, set: { ...set, model: call.model, ...VERSION } }
      },
      headersFor: (call) => betaHeader(claudeBetas(call, true)),
    },
    {
      format: 'openai-chat',
      models: PUBLISHED,
      path: ({ site }) => `${projectPath('v1', site)}/endpoints/openapi/chat/completions`,
      edits: setModel,
      isFlavoured: true,
      profile: () => privateChatProfile({}),
    },
    {
      format: 'gemini',
      // Those that answer with images do so on the native surface: no other has a place for them.
      models: /^(?!.*-image(?:-|$))/,
      path: geminiPath,
      edits: () => ({}),
      profile: geminiProfile,
      counting: {
        path: (call) => googleModelPath(call, 'countTokens'),
        body: ({ contents, systemInstruction, tools }) =>
          defined({ contents, systemInstruction, tools }),
        tokensIn: ({ totalTokens }) => totalTokens,
      },
    },
    {
      format: 'embeddings',
      models: /^(?=.*gemini)(?!gemini-embedding-001$).*embedding/,
      path: (call) => googleModelPath(call, 'embedContent'),
      edits: () => ({}),
      embeddings: vertexEmbedContent,
    },
    {
      format: 'embeddings',
      models: /embedding/,
      path: (call) => googleModelPath(call, 'predict'),
      edits: () => ({}),
      embeddings: vertexPredict,
    },
  ],
  native: {
    // x-goog-user-project stays behind: it would move the bill to another project.
    headers: ['x-goog-api-client', 'x-vertex-ai-*', 'x-server-timeout', ...CLAUDE_HEADERS],
    dialects: [
      [/\/publishers\/anthropic\//, 'anthropic-messages'],
      [/\/endpoints\/openapi\//, 'openai-chat'],
      [/\/publishers\/openai\//, 'openai-responses'],
      [/^/, 'gemini'],
    ],
    keyInQuery: true,
    counting: /:countTokens$|\/count-tokens:rawPredict$/,
    modelIn: [
      // Tuned models are called at endpoints of their own.
      [/\/(?:models\/(?!count-tokens:)|endpoints\/(?!openapi\/))([^/:]+)/, 'path'],
      [/\/publishers\/anthropic\/models\/count-tokens:rawPredict$/, 'body'],
      [/\/endpoints\/openapi\/(?:(?:chat\/)?completions|embeddings)$/, 'body'],
      [/\/publishers\/openai\/v1\/(?:responses|chat\/completions)$/, 'body'],
    ],
    resolve,
  },
  // No passthrough: the project is a part of the credential, and a token alone does not tell it.
  probe: {
    path: (site) =>
      `${projectPath('v1', site)}/publishers/google/models/gemini-2.5-flash:countTokens`,
    body: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
    provenBy: [404],
  },
  families: /^gemini-/,
  models: [
    'gemini-4-argon',
    'gemini-4-carbon',
    'gemini-4-hydrogen',
    'gemini-3.8-flash',
    'gemini-3.7-flash',
    'gemini-2.5-pro',
    'gemini-2.5-flash',
    'claude-opus-5-5',
    'claude-sonnet-5-5',
    'claude-opus-4-5@20251101',
  ],
}
