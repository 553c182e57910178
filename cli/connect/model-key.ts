import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Machine } from '../machine.ts'
import { readSecret, secretIn } from '../read-secret.ts'
import type { SecretSource } from '../secret-source.ts'
import { type AuthKind, type Credential, credentialOf } from './credential.ts'

/**
 * The credential for the model, as it is at each call: a key that is replaced in its file, as Kubernetes does it, is used
 * from the next call on. While the file cannot be read, the key that was there last is used.
 */
export async function modelCredential(
  machine: Machine,
  auth: AuthKind,
  source: SecretSource | undefined,
): Promise<() => Credential> {
  let known = credentialOf(auth, source === undefined ? '' : await readSecret(machine, source))
  if (source?.kind !== 'file') return () => known
  const path = resolve(machine.folder, source.path)
  return () => {
    try {
      known = credentialOf(auth, secretIn(readFileSync(path)))
    } catch {
      // It is being replaced.
    }
    return known
  }
}
