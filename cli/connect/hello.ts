import type { Hello } from '../../src/tunnel/frame-json.ts'
import { DEFAULT_WINDOW_BYTES } from '../../src/tunnel/limits.ts'
import { version } from '../version.ts'
import type { Credential } from './credential.ts'
import { askModel, modelNames } from './model-list.ts'
import type { ModelServer } from './model-server.ts'

export interface HelloOptions {
  readonly server: ModelServer
  readonly credential: () => Credential
  readonly maxConcurrent: number
  /** What to announce; else what the server lists. */
  readonly models?: readonly string[]
}

/** A list that takes longer than this is not waited for: to be connected matters more. */
const LIST_MS = 1_000

const MAX_MODELS = 32
const MAX_NAME = 128

/** What the connector says of itself, with the models that there are at that moment. */
export function helloOf({ server, ...options }: HelloOptions): () => Promise<Hello> {
  const { origin, basePath } = server.target
  const listed = async (): Promise<readonly string[] | undefined> => {
    try {
      const what = { path: '/v1/models', timeoutMs: LIST_MS }
      const answer = await askModel({ server, credential: options.credential() }, what)
      return answer.status === 200 ? modelNames(answer.body) : undefined
    } catch {
      return undefined
    }
  }
  return async () => {
    const models = options.models ?? (await listed())
    const fitting = models?.filter((name) => name.length <= MAX_NAME).slice(0, MAX_MODELS)
    return {
      agent: `keyway/${version()}`,
      max_concurrent: options.maxConcurrent,
      window: DEFAULT_WINDOW_BYTES,
      target: (origin + basePath).slice(0, MAX_NAME),
      ...(fitting === undefined ? {} : { models: fitting }),
    }
  }
}
