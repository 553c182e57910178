import { Agent } from 'node:http'
import { expect, test } from 'vitest'
import { fetchOver } from '../../cli/connect/fetch-over.ts'
import { askModel } from '../../cli/connect/model-list.ts'
import { createModelServer } from '../../cli/connect/model-server.ts'
import { parseTarget } from '../../cli/connect/target.ts'
import { startFakeModel } from './connect-setting.ts'

const { signal } = new AbortController()

test.each([
  [
    'a model server',
    (url: string) => {
      const server = createModelServer(parseTarget(url))
      const asked = { path: '/v1/models', timeoutMs: 3_600_000 }
      return askModel({ server, credential: { kind: 'none' } }, asked)
    },
  ],
  ['Keyway', (url: string) => fetchOver(new Agent())(url, { redirect: 'manual', signal })],
])('%s that changes to another protocol has not answered', async (_, ask) => {
  await using server = await startFakeModel()
  const asking = ask(server.url)
  const { request } = await server.next()
  request.socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
  )
  await expect(asking).rejects.toThrow(/No answer|fetch failed/)
})
