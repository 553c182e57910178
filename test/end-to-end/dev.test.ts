import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { newFolder, programNamed } from '../cli/run-keyway.ts'

const SCRIPT = join(import.meta.dirname, '../../scripts/dev.ts')

/** Says how it was called, and ends as nothing else does. */
const WRANGLER = `#!/usr/bin/env node
const { WRANGLER_SEND_METRICS, CLOUDFLARE_CF_FETCH_ENABLED } = process.env
const env = { WRANGLER_SEND_METRICS, CLOUDFLARE_CF_FETCH_ENABLED }
console.log(JSON.stringify({ words: process.argv.slice(2), env }))
process.exit(7)
`

test('npm run dev hands every argument to wrangler, with secrets of this machine and no telemetry', async () => {
  const folder = newFolder()
  const words = ['--port', '8788', '--var', 'LOG_REQUESTS:true']
  const PATH = [programNamed('wrangler', WRANGLER), dirname(process.execPath)].join(':')
  const ran = promisify(execFile)(process.execPath, [SCRIPT, ...words], {
    cwd: folder,
    env: { PATH },
  })
  const { code, stdout } = (await ran.catch((error: unknown) => error)) as {
    readonly code: number
    readonly stdout: string
  }
  expect(code).toBe(7)
  expect(JSON.parse(stdout)).toEqual({
    words: ['dev', ...words],
    env: { WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' },
  })
  expect(existsSync(join(folder, '.dev.vars'))).toBe(true)
})
