import { spawnSync } from 'node:child_process'

/** `npm run build`: the bundle that would be deployed, in `dist/`. Says something only when it fails. */
const { status, stdout, stderr } = spawnSync(
  'wrangler',
  ['deploy', '--dry-run', '--outdir', 'dist'],
  { encoding: 'utf8', env: { ...process.env, WRANGLER_SEND_METRICS: 'false' } },
)
if (status !== 0) process.stderr.write(stdout + stderr)
process.exit(status ?? 1)
