import { spawn } from 'node:child_process'
import { localSecrets } from './local-secrets.ts'

/** `npm run dev`: the Worker alone under `wrangler dev`, to which every argument goes. */
localSecrets(process.cwd())
const wrangler = spawn('wrangler', ['dev', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: {
    ...process.env,
    // Everything stays on this machine: no look-up of where it is, no telemetry.
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
  },
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => wrangler.kill(signal))
}
wrangler.on('exit', (code) => process.exit(code ?? 0))
