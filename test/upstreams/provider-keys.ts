/** One AWS credential: an access key, with a session token when it is temporary, or a Bedrock API key. */
export type BedrockCredential =
  | { access_key_id: string; secret_access_key: string; session_token?: string }
  | { api_key: string }

/** What an Azure resource's owner is given. */
export interface AzureCredential {
  endpoint: string
  api_key: string
}

/** The JSON file that Google gives for a service account. */
export interface ServiceAccount {
  type: 'service_account'
  project_id: string
  private_key_id: string
  private_key: string
  client_email: string
  client_id: string
  auth_uri: string
  token_uri: string
  auth_provider_x509_cert_url: string
  client_x509_cert_url: string
  universe_domain: string
}

/** What each provider gives its customers, in the shape that Keyway's `provider_key` wants. */
export interface ProviderKeys {
  anthropic: string
  openai: string
  google_vertex_ai: ServiceAccount
  mistral: string
  deepseek: string
  xai: string
  zai: string
  bedrock: Record<string, BedrockCredential>
  azure: AzureCredential
}

/** What kind of credential to issue. Regions are bedrock's, the project is Google's; `oauth` is a login at Anthropic, the other kinds are bedrock's. */
export interface IssueOptions {
  /** AWS regions that get a credential each; `global` is one that is valid in all of them. */
  regions?: readonly string[]
  kind?: 'iam' | 'sts' | 'api_key' | 'oauth'
  project?: string
}
