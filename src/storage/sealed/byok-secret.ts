import type { Env } from '../env.ts'

/** The prefix is what keeps an organization's provider keys away from the deployment's own secrets. */
const PREFIX = 'BYOK_'

/** The value of a Worker secret whose name begins with BYOK_; undefined where there is none. */
export function byokSecret(env: Env, name: string): string | undefined {
  if (!name.startsWith(PREFIX)) return undefined
  const value: unknown = Reflect.get(env, name)
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}
