import type { Env as KeywayEnv } from '../../src/storage/env.ts'

// The bindings of the Worker under test, as `import { env } from 'cloudflare:workers'` gives them.
declare global {
  namespace Cloudflare {
    interface Env extends KeywayEnv {}
  }
}
