/** Secrets that were just made. */
export interface FreshSecrets {
  readonly adminToken: string
  readonly masterKeyId: string
  /** 32 bytes in base64. */
  readonly masterKey: string
}

/**
 * A file of secrets with new ones in it. Its other lines stay, and so do its master keys, after the new one: the first
 * seals and all of them open.
 */
export function secretsText(before: string, fresh: FreshSecrets): string {
  const lines = before.split(/\r?\n/).filter((line) => line !== '')
  const oldKeys = lines.map((line) => KEYS.exec(line)?.[2]).filter((keys) => keys !== undefined)
  const masterKeys = [`${fresh.masterKeyId}:${fresh.masterKey}`, ...oldKeys].join(',')
  const others = lines.filter((line) => !KEYS.test(line) && !line.startsWith('ADMIN_TOKEN='))
  return [`ADMIN_TOKEN="${fresh.adminToken}"`, `MASTER_KEYS="${masterKeys}"`, ...others, ''].join(
    '\n',
  )
}

const KEYS = /^MASTER_KEYS=(["']?)(.+)\1$/
