import type { SourceOptions } from '../../providers/credential-source.ts'
import { readSettings } from '../../storage/env.ts'
import { byokSecret } from '../../storage/sealed/byok-secret.ts'
import type { ManagementContext } from './context.ts'

/** What a `provider_key` of this request may be: only the deployment's administrator may name a secret of it. */
export function sourceOptions(c: ManagementContext): SourceOptions {
  const { allowLoopbackUpstreams } = readSettings(c.env)
  const isDeploymentAdmin = c.get('principal').kind === 'administrator'
  const secretNamed = (name: string): string | undefined => byokSecret(c.env, name)
  return { allowLoopbackUpstreams, secretNamed: isDeploymentAdmin ? secretNamed : undefined }
}
