import { CLOUDFLARE_SIGNS } from './cloudflare.ts'
import { MICROSOFT_SIGNS } from './microsoft.ts'
import { MODEL_SERVER_SIGNS } from './model-servers.ts'
import { NGROK_SIGNS } from './ngrok.ts'
import type { TunnelSign } from './tunnel-sign.ts'

/** All that is known, the surest signs first; the first row that matches counts. */
export const TUNNEL_SIGNS: readonly TunnelSign[] = [
  ...NGROK_SIGNS,
  ...MICROSOFT_SIGNS,
  ...CLOUDFLARE_SIGNS,
  ...MODEL_SERVER_SIGNS,
]
