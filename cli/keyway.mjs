#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * `keyway`: plain JavaScript that every Node from 18 on can read. The rest is TypeScript, which Node runs from 22.18 on; an
 * older one hands over to the Node that was installed with this package.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major > 22 || (major === 22 && minor >= 18)) {
  await import('./main.ts')
} else {
  handOver(fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url)))
}

function handOver(node) {
  if (!existsSync(node)) {
    process.stderr.write(
      `keyway: Node ${process.versions.node} is too old, and the one that comes with this package is not installed.\n` +
        'Run npm install here (without --omit=optional), or use Node 22.18 or later.\n',
    )
    process.exit(2)
  }
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  // The channel tells it when this process is killed.
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc']
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    // 128 + 15: what a shell reports of a program that was told to stop.
    process.exit(code ?? (signal === null ? 1 : 143))
  })
}
