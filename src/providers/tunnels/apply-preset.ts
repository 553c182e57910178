import { invalidRequest } from '../../core/errors.ts'
import { type TunnelPreset, type TunnelPresetName, TUNNEL_PRESETS } from './presets.ts'

/** What a request says of the way to an endpoint; undefined where it says nothing of that and what is stored stays. */
export interface WayThere {
  readonly reach: string | undefined
  /** Checked before. */
  readonly base_url: string | null | undefined
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>> | null | undefined
}

/** The headers with those that a preset adds; an error that names what it misses, and never says a value. */
export function headersOfPreset(
  name: TunnelPresetName,
  { reach, base_url: baseUrl, headers }: WayThere,
): Readonly<Record<string, string>> {
  const { needs, adds, host }: TunnelPreset = TUNNEL_PRESETS[name]
  if (reach === 'connector') {
    throw invalidRequest('preset is for endpoints that are reached by url.', 'preset')
  }
  if (headers === undefined) {
    throw invalidRequest(
      'headers must go along with preset: they are replaced all together.',
      'headers',
    )
  }
  const given = headers ?? {}
  const missing = Object.keys(needs).filter((header) => given[header] === undefined)
  if (missing.length > 0) {
    throw invalidRequest(`headers must have ${missing.join(' and ')} for ${name}.`, 'headers')
  }
  for (const [header, { pattern, said }] of Object.entries(needs)) {
    if (!pattern.test(given[header] ?? '')) {
      throw invalidRequest(`headers: ${header} must be ${said}.`, 'headers')
    }
  }
  if (host && typeof baseUrl === 'string' && !host.pattern.test(new URL(baseUrl).hostname)) {
    throw invalidRequest(`base_url must be at ${host.example} for ${name}.`, 'base_url')
  }
  return { ...adds, ...given }
}
