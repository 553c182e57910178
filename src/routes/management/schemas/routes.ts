import * as z from 'zod/mini'
import { _default as withDefault } from 'zod/mini'
import { findProvider, PRIVATE_ENDPOINTS, providerOfFamily } from '../../../providers/registry.ts'
import { timeAnswer } from '../fields.ts'
import { jsonField } from '../json-field.ts'
import { ENDPOINT_NAME } from './endpoints.ts'
import { targetParameters } from './target-parameters.ts'
import { timeouts } from './timeouts.ts'

const MAX_TARGETS = 10
const MAX_OVERRIDES_CHARACTERS = 2048
const MAX_WEIGHT = 1000

const name = z.string().check(
  z.regex(/^[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,98}[A-Za-z0-9])?$/, {
    error: 'must be 1 to 100 letters, digits, dots, colons, hyphens and underscores.',
  }),
)

/** `stream` decides the shape of the answer, which only the caller can. */
const overrides = jsonField(MAX_OVERRIDES_CHARACTERS).check(
  z.refine((value) => !Object.hasOwn(value, 'stream'), { error: 'must not replace stream.' }),
  z.refine(({ model = 'left out' }) => typeof model === 'string' && model !== '', {
    error: 'must have a model id as its model, where it has one.',
  }),
)

function modelField(providers: readonly string[]) {
  const known = [...providers, PRIVATE_ENDPOINTS]
  return z.string().check(
    z.refine((model) => /^[\x21-\x7e]{1,200}$/.test(model), {
      error: 'must be 1 to 200 visible ASCII characters.',
      abort: true,
    }),
    z.refine((model) => !model.includes('/') || known.includes(model.split('/')[0] ?? ''), {
      error: `must begin with a provider: ${known.join(', ')}.`,
      abort: true,
    }),
    z.refine(isModelName, {
      error:
        'must be {provider}/{model}, byom/{endpoint}, byom/{endpoint}/{model}, or a model whose name tells its provider; no route.',
    }),
  )
}

/** Whether there could be such a model, whatever the organization has. */
function isModelName(model: string): boolean {
  const [first = '', ...rest] = model.split('/')
  if (rest.length === 0) return providerOfFamily(model) !== undefined
  if (first !== PRIVATE_ENDPOINTS) return rest.join('/') !== ''
  const [endpoint = '', ...own] = rest
  return ENDPOINT_NAME.test(endpoint) && (own.length === 0 || own.join('/') !== '')
}

/** It becomes part of a host name. */
function isRegionOf({ model, region }: { model: string; region?: string | undefined }): boolean {
  const [first = ''] = model.split('/')
  const provider = model === first ? providerOfFamily(model) : findProvider(first)
  return region === undefined || provider?.locations?.pattern.test(region) === true
}

const strategy = z.enum(['fallback', 'weighted'])
const sticky = z.enum(['conversation', 'none'])
/** From a tenth of a second, under which every call would be made twice, to ten minutes. */
const hedgeAfter = z.nullable(z.int().check(z.gte(100), z.lte(600_000)))

const fieldsOf = (providers: readonly string[]) => ({
  name,
  targets: z
    .array(
      z
        .strictObject({
          model: modelField(providers),
          weight: z.optional(z.int().check(z.gte(0), z.lte(MAX_WEIGHT))),
          region: z.optional(z.string()),
          overrides: z.optional(overrides),
          parameters: z.optional(targetParameters),
          timeouts: z.optional(timeouts),
        })
        .check(
          z.refine(isRegionOf, {
            path: ['region'],
            error: 'must be a region or location of the target’s provider, which must have some.',
          }),
        ),
    )
    .check(z.minLength(1), z.maxLength(MAX_TARGETS)),
  strategy,
  sticky,
  hedge_after_ms: hedgeAfter,
  timeouts,
})

/** `POST …/routes` */
export function newRoute(providers: readonly string[]) {
  const fields = fieldsOf(providers)
  return z.strictObject({
    ...fields,
    strategy: withDefault(strategy, 'fallback'),
    sticky: withDefault(sticky, 'conversation'),
    hedge_after_ms: withDefault(hedgeAfter, null),
    timeouts: withDefault(timeouts, {}),
  })
}

/** `PATCH …/routes/{id}`; the targets are replaced all together. */
export function routePatch(providers: readonly string[]) {
  return z.partial(z.strictObject(fieldsOf(providers)))
}

/** A route in an answer. */
export const routeAnswer = z.object({
  id: z.string(),
  name: z.string(),
  strategy,
  sticky,
  hedge_after_ms: hedgeAfter,
  timeouts,
  targets: z.array(
    z.object({
      model: z.string(),
      weight: z.optional(z.int()),
      region: z.optional(z.string()),
      overrides: z.optional(z.record(z.string(), z.unknown())),
      parameters: z.optional(targetParameters),
      timeouts: z.optional(timeouts),
    }),
  ),
  created_at: timeAnswer,
  created_by: z.string(),
  updated_at: timeAnswer,
})
