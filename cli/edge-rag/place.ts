import { readSecretField, type SecretField } from '../kubectl.ts'
import type { Machine } from '../machine.ts'

/** Where Edge RAG keeps its key: `arc-rag/byom-api-key/BYOM_API_KEY`, unless told otherwise. */
export type Place = SecretField

/** What the installation of Edge RAG puts there. */
export const INSTALLED_KEY = 'byom-secret'

/** The key that is there now. */
export async function currentKey(machine: Machine, place: Place): Promise<string> {
  return (await readSecretField(machine, place)).replace(/\r?\n$/, '')
}
