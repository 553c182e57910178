/** An organization's own credential at a provider, opened. Lives in memory only, as briefly as can be. */
export type Credential =
  | KeyCredential
  | AwsCredentials
  | AzureCredential
  | GoogleServiceAccount
  | EndpointCredential

/** What a provider key stores: the credential itself, or where it is to be found when it is used. */
export type StoredCredential = Credential | EnvironmentSecret | CallersOwn

/** The credential is the value of a secret of this deployment. */
export interface EnvironmentSecret {
  readonly kind: 'env'
  readonly name: string
}

/** The credential comes with each request. */
export interface CallersOwn {
  readonly kind: 'passthrough'
}

/** One secret string, as most providers issue. */
export interface KeyCredential {
  readonly kind: 'key'
  readonly apiKey: string
}

/** What goes with each request to a private endpoint: the model server's key, and what the way there asks for. */
export interface EndpointCredential {
  readonly kind: 'endpoint'
  readonly apiKey: string | null
  /** In place of a key: who a token is minted for. */
  readonly app?: EntraApp
  /** By name, in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** An app registration in Entra, with which tokens are minted for another app's API. */
export interface EntraApp {
  readonly tenantId: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scope: string
}

/** Credentials by region; `global` stands in for every region that has none of its own. */
export interface AwsCredentials {
  readonly kind: 'aws'
  readonly regions: Readonly<Record<string, AwsCredential>>
}

export type AwsCredential = AwsSigningKey | AwsBearerKey

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
export interface AwsSigningKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html */
export interface AwsBearerKey {
  readonly apiKey: string
}

export interface AzureCredential {
  readonly kind: 'azure'
  /** Scheme and host, and in development a path prefix; no slash at the end. */
  readonly endpoint: string
  readonly apiKey: string
}

export interface GoogleServiceAccount {
  readonly kind: 'google'
  readonly projectId: string
  readonly clientEmail: string
  readonly privateKeyId?: string
  /** PKCS#8 PEM with real line ends, whatever was pasted. */
  readonly privateKey: string
}
