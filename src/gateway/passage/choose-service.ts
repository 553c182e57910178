import { GatewayError } from '../../core/errors.ts'
import type { SurfaceFormat } from '../../core/wire-format.ts'
import type { Service } from '../../providers/provider.ts'
import type { ModelCall } from '../caller/read-model-call.ts'
import type { NamedModel } from '../target/model-name.ts'
import { isChatService } from './upstream-formats.ts'

/**
 * The service of a provider that a call goes to: one that speaks the caller's own format, where there is one that takes
 * the call, else the first to whose format it can be translated, or that counts tokens in its own way. Throws `unsupported_parameter` when there is none.
 */
export function chooseService(
  { provider, model }: NamedModel,
  format: SurfaceFormat,
  { body }: Pick<ModelCall, 'body'>,
): Service {
  const services = provider.services.filter(
    (service) =>
      (service.models?.test(model) ?? true) && (service.takes?.({ model, body }) ?? true),
  )
  const service =
    services.find((row) => row.format === format) ??
    services.find(alike[format]) ??
    services.find((row) => format !== 'openai-embeddings' && isChatService(row))
  if (service !== undefined) return service
  throw new GatewayError(
    'unsupported_parameter',
    `${provider.name}/${model.slice(0, 100)} cannot be called on this surface: the provider offers nothing like it. Its own API is at /native/${provider.name}.`,
    { param: 'model' },
  )
}

/** The service that stands in best for one in the caller's own format. */
const alike: Readonly<Record<SurfaceFormat, (service: Service) => boolean>> = {
  'openai-chat': isChatService,
  'openai-responses': isChatService,
  'anthropic-messages': isChatService,
  'openai-embeddings': ({ format }) => format === 'embeddings',
  'anthropic-count-tokens': (service) => isChatService(service) && service.counting !== undefined,
}
