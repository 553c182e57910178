import type { Compat } from '../core/compat.ts'
import type { Credential } from '../core/credentials.ts'
import type { EmbeddingsFormat } from '../core/embeddings.ts'
import type { MemberEdits } from '../core/json-members.ts'
import type { JsonObject } from '../core/parse.ts'
import type { ChatFormat, WireFormat } from '../core/wire-format.ts'
import type { ClaudeProfile } from '../formats/anthropic-messages/profile.ts'
import type { ConverseProfile } from '../formats/bedrock-converse/profile.ts'
import type { GeminiProfile } from '../formats/gemini/profile.ts'
import type { ChatProfile } from '../formats/openai-chat/profile.ts'
import type { ResponsesProfile } from '../formats/openai-responses/profile.ts'
import type { CredentialFormat, UpstreamAuth } from '../upstream-auth/upstream-auth.ts'
import type { ErrorWords } from './error-words.ts'
import type { ResetHeaders } from './reset-headers.ts'

/** Where calls go and how, as data; functions only where data cannot say it. */
export interface Upstream<C extends Credential = Credential> {
  /** In messages, and before the slash in the full names of its models. */
  readonly name: string
  /** What callers' headers and API keys know it by, where that is not its name: private endpoints are one provider. */
  readonly group?: string
  /** The proof of identity; chosen by settings where the provider has more than one. */
  auth(settings: JsonObject): UpstreamAuth<C>
  /** The base URL that paths are relative to, without a slash at the end. */
  base(site: Site<C>): string
  /** The regions or locations that it is reached in; left out where there is but one place. */
  readonly locations?: Locations<C>
  /** The operations it serves and how, first match first. */
  readonly services: readonly Service<C>[]
  readonly native: NativeSurface<C>
  /** The request that shows, at next to no cost, whether a credential works. */
  readonly probe: Probe<C>
  /** Refusals of the key that come under another status than 401 or 403. */
  readonly refusesKey?: (status: number, body: string) => boolean
  /** What its errors mean by their code or type, beside the words that many have in common. */
  readonly errorWords?: ErrorWords
  /** Headers that tell when a limit that is used up is filled again. */
  readonly resetHeaders?: readonly ResetHeaders[]
}

/** Everything that Keyway knows of one provider. */
export interface Provider<C extends Credential = Credential> extends Upstream<C> {
  readonly credential: CredentialFormat<C>
  readonly settings: SettingsFormat
  /** Model ids that belong to this provider alone, so that callers need not name it. */
  readonly families?: RegExp
  /** The model ids to list for callers; those an organization adds to its keys' patterns come on top. */
  readonly models: readonly string[]
  /** How a caller's own key is used; left out where a credential is more than one header. */
  readonly passthrough?: Passthrough<C>
}

/** The name that callers' headers and API keys have for it. */
export const groupOf = ({ name, group }: Pick<Upstream, 'name' | 'group'>): string => group ?? name

/** One place of a provider, for one credential. */
export interface Site<C extends Credential = Credential> {
  readonly credential: C
  readonly settings: JsonObject
  readonly location: string
}

export interface Locations<C extends Credential> {
  /** What a location's name must look like: it becomes part of a host name. */
  readonly pattern: RegExp
  defaultOf(settings: JsonObject): string
  /** Whether the credential has anything for the location. */
  covers?(credential: C, location: string): boolean
  /** The locations that the credential names; it has a secret for each. */
  namedIn?(credential: C): readonly string[]
}

/** A credential that comes with a request. */
export interface Passthrough<C extends Credential> {
  /** The header in which this provider's own SDK sends it; it is looked for in the others after that. */
  readonly header: string
  /** What nobody else's keys look like: a key that looks like another provider's is never used for this one. */
  readonly looksLike?: RegExp
  credentialOf(key: string): C
}

export interface Probe<C extends Credential> {
  /** The path behind the base, encoded. */
  path(site: Site<C>): string
  /** What is posted, as JSON; it is a GET where there is none. */
  readonly body?: object
  /** Statuses that speak of the model and not of the key, which the provider looks at first. */
  readonly provenBy?: readonly number[]
}

/** One operation that a provider serves in a wire format of ours. */
export type Service<C extends Credential = Credential> = ServiceBase<C> &
  (
    | ChatServices<C>[ChatFormat]
    | { readonly format: Exclude<WireFormat, ChatFormat> }
    | { readonly format: 'embeddings'; readonly embeddings: EmbeddingsFormat }
  )

/** What is known of the models that a service has, for translation. */
interface Profiles {
  readonly 'openai-chat': ChatProfile
  readonly 'openai-responses': ResponsesProfile
  readonly 'anthropic-messages': ClaudeProfile
  readonly 'bedrock-converse': ConverseProfile
  readonly gemini: GeminiProfile
}

type ChatServices<C extends Credential> = {
  readonly [Format in ChatFormat]: {
    readonly format: Format
    profile(model: string, site: Site<C>): Profiles[Format]
    /** How the tokens of a conversation are counted here, where the provider counts them. */
    readonly counting?: TokenCounting<C>
  }
}

/** A provider's own way to count the tokens of a conversation in one of its formats. */
export interface TokenCounting<C extends Credential> {
  path(call: PathCall<C>): string
  /** What is sent for a conversation that would be sent as this body. */
  body(conversation: JsonObject, call: PathCall<C>): JsonObject
  /** The count in the answer. */
  tokensIn(answer: JsonObject): unknown
}

interface ServiceBase<C extends Credential> {
  /** Which model ids; all where it is left out. */
  readonly models?: RegExp
  /** Whether a model takes such a request here, where that hangs on more than the model. */
  takes?(call: Pick<ServiceCall<C>, 'model' | 'body'>): boolean
  /** The path behind the base, with its query, encoded. */
  path(call: PathCall<C>): string
  /** The provider speaks the format in a way of its own, which callers of the universal surfaces are spared. */
  readonly isFlavoured?: boolean
  /** What the host needs changed in the body. */
  edits(call: ServiceCall<C>): MemberEdits
  /** It gives whole answers only. */
  readonly streams?: false
  /** How a streamed answer is framed. */
  readonly framing?: 'sse' | 'aws-event-stream'
  /** Headers of the caller's that go along where the caller speaks the same format, beside those that always do. */
  readonly headers?: readonly string[]
  /** Headers made of the caller's, where the caller speaks the same format. */
  headersFor?(call: ServiceCall<C>): Readonly<Record<string, string>>
  /** Headers that the service requires and a caller may leave out. */
  readonly defaultHeaders?: Readonly<Record<string, string>>
}

/** What a service's path hangs on. */
export interface PathCall<C extends Credential = Credential> {
  /** The provider's own model id. */
  readonly model: string
  readonly wantsStream: boolean
  readonly site: Site<C>
}

export interface ServiceCall<C extends Credential = Credential> extends PathCall<C> {
  /** What the provider is sent, before the edits; not to be changed. */
  readonly body: JsonObject
  /** The caller's headers; only those that a service names matter. */
  readonly headers: { get(name: string): string | null }
  /** Told of what could not be carried over. */
  readonly compat: Compat
}

/** What a caller who speaks the provider's own protocol may reach. */
export interface NativeSurface<C extends Credential> {
  /** Request headers that go upstream, beside those that always do; a `*` at the end stands for any ending. */
  readonly headers: readonly string[]
  /** SDKs of this provider may send their key as `?key=`. */
  readonly keyInQuery?: boolean
  /** Headers that the provider requires and a caller may leave out. */
  readonly defaultHeaders?: Readonly<Record<string, string>>
  /** How failures are said in a stream, by path; the first match counts. */
  readonly dialects: readonly (readonly [path: RegExp, dialect: NativeDialect])[]
  /** Where the model stands that a request is for; the first path that matches counts. Of other paths nobody knows. */
  readonly modelIn: readonly ModelPlace[]
  /** The paths that only count the tokens of a conversation, which no model reads. */
  readonly counting?: RegExp
  /** Encoded slashes are refused but in path segments that decode to this. */
  readonly encodedSlash?: RegExp
  /** Turns the caller's path into the one behind the base, and finds the location it names. Throws on foreign ones. */
  resolve?(path: string, site: Site<C>): { readonly path: string; readonly location: string }
}

/** In the path's first group, in the body's `model` that is read there, or the one that is always asked there. */
export type ModelPlace = readonly [path: RegExp, place: 'path' | 'body' | { readonly is: string }]

export type NativeDialect = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'gemini'

/** The settings of a provider key: known members only, each checked. */
export type SettingsFormat = Readonly<Record<string, (value: unknown, param: string) => void>>
