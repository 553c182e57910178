import { estimateInputTokens } from '../../core/estimate-tokens.ts'
import type { SurfaceFormat } from '../../core/wire-format.ts'
import type { Upstream } from '../../providers/provider.ts'
import { clientFormat } from './client-formats.ts'
import type { HeaderValues } from './header-values.ts'
import type { NativeBody } from './native-model.ts'
import type { ModelCall } from './read-model-call.ts'

const CHARACTERS_PER_TOKEN = 4

/** Beyond this a body mostly holds pictures and files, of which the size says little. */
const MOST_BY_SIZE = 16_384

/** About how many tokens a call on a universal surface puts into a model. Counting tokens costs none. */
export function tokensOfCall(format: SurfaceFormat, { body, text }: ModelCall): number {
  if (format === 'anthropic-count-tokens') return 0
  const client = clientFormat(format)
  if (client !== undefined) {
    try {
      return estimateInputTokens(client.decodeRequest(body))
    } catch {
      // Whether the request is understood is for whoever gets it to say.
    }
  }
  return tokensBySize(text.length)
}

/** What is known of a native request without its body. */
export interface NativeRequest {
  readonly method: string
  readonly path: string
  readonly provider: Pick<Upstream, 'native'>
}

/** About how many tokens a native request puts into a model, by the size of its JSON; 0 for what is none, or only counts. */
export function tokensOfNative(
  { method, path, provider }: NativeRequest,
  headers: HeaderValues,
  body: NativeBody,
): number {
  if (method === 'GET' || method === 'HEAD') return 0
  if (provider.native.counting?.test(path) === true) return 0
  if (!/\bjson\b/i.test(headers.get('content-type') ?? '')) return 0
  const length = body instanceof Uint8Array ? body.length : Number(headers.get('content-length'))
  return Number.isFinite(length) ? tokensBySize(length) : 0
}

function tokensBySize(characters: number): number {
  return Math.min(MOST_BY_SIZE, Math.ceil(characters / CHARACTERS_PER_TOKEN))
}
