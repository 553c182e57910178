import { availableParallelism } from 'node:os'
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { newSecrets } from './scripts/local-secrets.ts'
import { defineConfig } from 'vitest/config'

// Wrangler looks for the secrets that the configuration requires here, and warns when they are missing.
const secrets = newSecrets()
Object.assign(process.env, secrets)

/** Tests of what runs in the Worker's runtime: its crypto, its storage, its streams. */
const IN_WORKERD = [
  'test/storage/**/*.test.ts',
  'test/routes/**/*.test.ts',
  'test/upstream-auth/**/*.test.ts',
  'test/streams/**/*.test.ts',
  'test/tunnel/**/*.test.ts',
]

/** Tables of thousands of cases, which take longer than all else: `npm run test:long`. */
const LONG = ['test/sdk/matrix/**/*.test.ts', 'test/end-to-end/chaos/**/*.test.ts']

/** What is waited for comes in no time; on a busy machine it comes late. */
const PATIENT = {
  testTimeout: 20_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 10_000 } },
}

export default defineConfig({
  test: {
    // Without it one of two cores would be left to the main process, which has little to do.
    maxWorkers: availableParallelism(),
    projects: [
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            remoteBindings: false,
            miniflare: { bindings: { ...secrets } },
          }),
        ],
        test: { name: 'workerd', include: IN_WORKERD, ...PATIENT },
      },
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [...IN_WORKERD, ...LONG],
          // What most files import is imported once for all of them.
          isolate: false,
          ...PATIENT,
        },
      },
      { test: { name: 'long', include: LONG, isolate: false, ...PATIENT } },
    ],
  },
})
