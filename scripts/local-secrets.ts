import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The secrets of a deployment on this machine. */
export interface LocalSecrets {
  readonly ADMIN_TOKEN: string
  readonly MASTER_KEYS: string
}

/** Random secrets that no file keeps. */
export function newSecrets(): LocalSecrets {
  return {
    ADMIN_TOKEN: randomBytes(24).toString('base64url'),
    MASTER_KEYS: `local:${randomBytes(32).toString('base64')}`,
  }
}

/**
 * The secrets in the folder's `.dev.vars`, which `wrangler dev` reads too; made on the first run, readable by their owner only.
 */
export function localSecrets(folder: string): LocalSecrets {
  const file = join(folder, '.dev.vars')
  if (!existsSync(file)) {
    const lines = Object.entries(newSecrets()).map(([name, value]) => `${name}="${value}"\n`)
    writeFileSync(file, lines.join(''), { mode: 0o600 })
  }
  const entries = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => /^([A-Z_]+)="?([^"]*)"?$/.exec(line.trim()))
    .filter((match) => match !== null)
    .map(([, name, value]) => [name, value])
  const secrets: Partial<LocalSecrets> = Object.fromEntries(entries)
  const { ADMIN_TOKEN, MASTER_KEYS } = secrets
  if (ADMIN_TOKEN === undefined || MASTER_KEYS === undefined) {
    throw new Error(
      '.dev.vars must set ADMIN_TOKEN and MASTER_KEYS. Delete it to have it made anew.',
    )
  }
  return { ADMIN_TOKEN, MASTER_KEYS }
}
