import type { ProviderName } from '../provider-name.ts'
import { refuse, type Incoming, type Proof, type World } from '../provider.ts'
import { bearerOf } from '../verify-one-credential.ts'

/** Proof by a key in `Authorization: Bearer`; `wrongKey` words what the provider says to a key it does not know. */
export function verifyBearerKey(
  provider: ProviderName,
  request: Incoming,
  { world, wrongKey }: { world: World; wrongKey: (hint: string) => string },
): Proof {
  const key = bearerOf(request)
  const known = world.credentials.headerKey(provider, key)
  if (!known) return refuse('bad-credential', wrongKey(`****${key.slice(-4)}`))
  return { credential: known.label, proof: 'Authorization: Bearer' }
}
