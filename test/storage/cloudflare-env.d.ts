// The bindings of the Worker under test, as `import { env } from 'cloudflare:workers'` gives them.
declare namespace Cloudflare {
  interface Env extends Omit<import('../../src/storage/env.ts').Env, never> {}
}
