import { COMPAT_MODES, type CompatMode } from '../../core/compat.ts'
import { invalidRequest } from '../../core/errors.ts'
import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'
import type { Upstream } from '../../providers/provider.ts'
import type { HeaderValues } from './header-values.ts'

/** What a caller may say about a request in `x-keyway-*` headers. */
export interface RequestOptions {
  readonly providerKeyId: string | undefined
  readonly location: string | undefined
  /** The location is the route's, and the caller named none. */
  readonly isRoutesLocation?: boolean
  readonly compat: CompatMode
  /** What the caller wants recorded with the request. */
  readonly metadata: Readonly<Record<string, string>>
}

const MAX_METADATA_PAIRS = 16

/** Reads and checks the headers; throws `invalid_request` naming the one at fault. */
export function readRequestOptions(headers: HeaderValues): RequestOptions {
  const compatHeader = headers.get('x-keyway-compat') ?? 'default'
  const compat = COMPAT_MODES.find((mode) => mode === compatHeader)
  if (compat === undefined) {
    throw invalidRequest('x-keyway-compat must be strict, default or lenient.', 'x-keyway-compat')
  }
  return {
    providerKeyId: headers.get('x-keyway-provider-key') ?? undefined,
    location: headers.get('x-keyway-region') ?? undefined,
    compat,
    metadata: readMetadata(headers.get('x-keyway-metadata')),
  }
}

function readMetadata(text: string | null): Record<string, string> {
  if (text === null) return {}
  const metadata = tryParseJson(text)
  if (isObject(metadata)) {
    const pairs = Object.entries(metadata).filter(isPair)
    const count = Object.keys(metadata).length
    if (count <= MAX_METADATA_PAIRS && pairs.length === count) return Object.fromEntries(pairs)
  }
  throw invalidRequest(
    `x-keyway-metadata must be a JSON object of at most ${MAX_METADATA_PAIRS} strings.`,
    'x-keyway-metadata',
  )
}

function isPair(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === 'string'
}

/** The options at a route's target that names a location: what the caller says goes before it. */
export function optionsAt(options: RequestOptions, region: string | undefined): RequestOptions {
  if (region === undefined || options.location !== undefined) return options
  return { ...options, location: region, isRoutesLocation: true }
}

/** The location that the caller or the route asked for, where the provider has any; it becomes part of a host name. */
export function requestedLocation(provider: Upstream, options: RequestOptions): string | undefined {
  const { location, isRoutesLocation = false } = options
  if (location === undefined || provider.locations === undefined) return undefined
  if (provider.locations.pattern.test(location)) return location
  const said = isRoutesLocation ? "The route's region" : 'x-keyway-region'
  const what = `${said} is not a region or location of ${provider.name}.`
  throw invalidRequest(what, isRoutesLocation ? undefined : said)
}

/** Where a key is used: where the caller or the route asked for, else the key's own default; nowhere where there is but one place. */
export function locationAt(
  { locations }: Pick<Upstream, 'locations'>,
  asked: string | undefined,
  settings: JsonObject,
): string {
  return locations === undefined ? '' : (asked ?? locations.defaultOf(settings))
}
