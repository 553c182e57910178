/** What must stand in the headers of every request for a public tunnel to let it through. */
export interface TunnelPreset {
  /** Headers that only the organization can give, in lower case. */
  readonly needs: Readonly<Record<string, HeaderForm>>
  /** Headers that are the same for everyone. */
  readonly adds?: Readonly<Record<string, string>>
  /** The hosts that it is found at, where those are not the organization's own. */
  readonly host?: { readonly pattern: RegExp; readonly example: string }
}

/** What a header's value looks like. */
interface HeaderForm {
  readonly pattern: RegExp
  /** Follows "must be". */
  readonly said: string
}

/** A word or more, and not the whole line of a header, as it is pasted from where it was shown. */
const anyWords = (said: string): HeaderForm => ({ pattern: /^(?![\w-]+:\s)\S.*$/, said })

export const TUNNEL_PRESETS = {
  /** https://developers.cloudflare.com/cloudflare-one/access-controls/service-credentials/service-tokens/ */
  'cloudflare-access': {
    needs: {
      'cf-access-client-id': {
        pattern: /^[\w-]+\.access$/,
        said: 'the Client ID of a service token alone, which ends in .access',
      },
      'cf-access-client-secret': {
        pattern: /^[\w-]+$/,
        said: 'the Client Secret of the service token alone',
      },
    },
  },
  /** https://ngrok.com/docs/http/ */
  ngrok: { needs: {}, adds: { 'ngrok-skip-browser-warning': '1' } },
  /** https://learn.microsoft.com/azure/developer/dev-tunnels/security */
  'dev-tunnels': {
    needs: {
      'x-tunnel-authorization': {
        pattern: /^tunnel \S+$/,
        said: 'the word tunnel, a space and a token with the scope connect',
      },
    },
    host: { pattern: /\.devtunnels\.ms$/, example: 'NAME-PORT.REGION.devtunnels.ms' },
  },
  /** https://learn.microsoft.com/azure/azure-relay/relay-hybrid-connections-http-requests-dotnet */
  'azure-relay': {
    needs: {
      servicebusauthorization: anyWords('a token with the right Send'),
    },
    host: {
      pattern: /\.servicebus\.(?:windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)$/,
      example: 'NAMESPACE.servicebus.windows.net',
    },
  },
  plain: { needs: {} },
} as const satisfies Readonly<Record<string, TunnelPreset>>

export type TunnelPresetName = keyof typeof TUNNEL_PRESETS

export const TUNNEL_PRESET_NAMES = [
  'cloudflare-access',
  'ngrok',
  'dev-tunnels',
  'azure-relay',
  'plain',
] as const satisfies readonly TunnelPresetName[]
