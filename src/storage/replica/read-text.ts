/** The shortest that KV allows. */
const KV_CACHE_SECONDS = 30
/** KV answers within a quarter of a second from almost everywhere; whoever waits longer is better off asking again. */
const LIMIT_MS = 2500

/** What KV has under a name, or null. It rejects where KV fails, or has not answered in time: a call must not hang on it. */
export async function readText(kv: KVNamespace, name: string): Promise<string | null> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('KV did not answer in time.')), LIMIT_MS)
  try {
    const options = { type: 'text', cacheTtl: KV_CACHE_SECONDS } as const
    return await Promise.race([kv.get(name, options), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
