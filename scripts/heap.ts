/** What the inspector answers to `Runtime.getHeapUsage`, in bytes. */
interface HeapUsage {
  readonly usedSize: number
  readonly embedderHeapUsedSize: number
  readonly backingStorageSize: number
}

/**
 * The bytes that live in a Worker's isolate after its garbage was collected: its objects, the runtime's own beside
 * them, and buffers. https://chromedevtools.github.io/devtools-protocol/v8/Runtime/#method-getHeapUsage
 */
export async function liveHeapBytes(inspectorUrl: URL): Promise<number> {
  const socket = new WebSocket(inspectorUrl.href)
  const opened = Promise.withResolvers<void>()
  const answers = new Map<number, (result: unknown) => void>()
  socket.addEventListener('open', () => opened.resolve())
  socket.addEventListener('error', () => opened.reject(new Error('The inspector did not answer.')))
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id: number; result: unknown }
    answers.get(id)?.(result)
  })
  await opened.promise
  const ask = (id: number, method: string): Promise<unknown> => {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    answers.set(id, resolve)
    socket.send(JSON.stringify({ id, method }))
    return promise
  }
  // Collecting on request goes unanswered here; a snapshot is preceded by a full collection.
  await ask(1, 'HeapProfiler.takeHeapSnapshot')
  const usage = (await ask(2, 'Runtime.getHeapUsage')) as HeapUsage
  socket.close()
  return usage.usedSize + usage.embedderHeapUsedSize + usage.backingStorageSize
}
