import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startStandIns } from '../test/upstreams/stand-ins.ts'
import { type DemoOrganization, seedDemoOrganization } from './demo-organization.ts'
import { type DemoPrivateModels, seedPrivateModels } from './demo-private-models.ts'
import { localSecrets } from './local-secrets.ts'
import { type ManagementClient, managementClient } from './management-client.ts'
import { runWorker } from './run-worker.ts'

/**
 * `npm start`: Keyway on http://localhost:8787, or where `--port` says, with embedded storage and stand-in providers on
 * loopback. What you store is kept in `.keyway/` of the folder that it runs in, which for npm is the checkout; the demo
 * organization is made anew at every start, since the stand-ins are new too.
 */
const FOLDER = process.cwd()
const DEMO_ID = join(FOLDER, '.keyway/demo-organization')

const port = wantedPort()
const secrets = localSecrets(FOLDER)
const standIns = await startStandIns()
const worker = await runWorker({
  vars: {
    ...secrets,
    PROVIDER_BASE_URLS: JSON.stringify(standIns.baseUrls),
    ALLOW_LOOPBACK_UPSTREAMS: 'true',
  },
  port,
  persistTo: join(FOLDER, '.keyway/state'),
  print: (text) => process.stdout.write(text),
}).catch(portIsTaken)
const management = managementClient(worker.url, secrets.ADMIN_TOKEN)
await removeOldDemo(management)
const demo = await seedDemoOrganization(management, standIns)
writeFileSync(DEMO_ID, demo.id)
const own = await seedPrivateModels(management, demo.id)
printRequests(`http://localhost:${new URL(worker.url).port}`, demo, own)

// The embedded runtime ends the process at once on these; storage is better closed first.
const stop = Promise.withResolvers<void>()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.removeAllListeners(signal)
  process.once(signal, () => stop.resolve())
}
await stop.promise
console.log('\nStopping.')
await worker.dispose()
await standIns.close()
await own[Symbol.asyncDispose]()
process.exit(0)

/** What `--port` says; anything else on the command line ends it with a word about that. */
function wantedPort(): number {
  try {
    const { values } = parseArgs({ options: { port: { type: 'string', default: '8787' } } })
    const number = /^\d{1,5}$/.test(values.port) ? Number(values.port) : Infinity
    if (number <= 65_535) return number
    console.error(`There is no port ${values.port}.`)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
  }
  console.error('Usage: npm start [-- --port PORT]')
  return process.exit(2)
}

/** Says so in words; what else goes wrong is for whoever mends it. */
function portIsTaken(error: unknown): never {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_ADDRESS_IN_USE'))
    throw error
  console.error(
    `Something listens on port ${port} already. If it is another npm start, stop it first; else npm start -- --port 8788.`,
  )
  process.exit(1)
}

/** Removes the demo organization of the last start, and nothing that has its name by chance. */
async function removeOldDemo(client: ManagementClient): Promise<void> {
  if (!existsSync(DEMO_ID)) return
  await client.delete(`/${readFileSync(DEMO_ID, 'utf8')}`).catch(() => undefined)
}

function printRequests(
  url: string,
  { id, apiKey }: DemoOrganization,
  { models, connectorToken }: DemoPrivateModels,
): void {
  const lab = models['byom/lab']
  console.log(`
Keyway listens on ${url}, with nine stand-in providers that verify every credential.
The organization "Demo" (${id}) has a key of its own at each of them. Its API key:

  export KEYWAY_API_KEY=${apiKey}

OpenAI's format, with any provider's models:

  curl -N ${url}/v1/chat/completions -H "Authorization: Bearer $KEYWAY_API_KEY" \\
    -H "Content-Type: application/json" \\
    -d '{"model":"openai/gpt-5.5","stream":true,"messages":[{"role":"user","content":"Hello"}]}'

Anthropic's format, with Claude on Bedrock (signed with SigV4):

  curl -N ${url}/v1/messages -H "x-api-key: $KEYWAY_API_KEY" -H "Content-Type: application/json" \\
    -d '{"model":"bedrock/us.anthropic.claude-sonnet-4-6","max_tokens":100,"stream":true,"messages":[{"role":"user","content":"Hello"}]}'

A provider's own protocol, here Gemini on Vertex AI (with a token exchanged for the service account):

  curl -N "${url}/native/google_vertex_ai/v1/publishers/google/models/gemini-3.8-flash:streamGenerateContent?alt=sse" \\
    -H "Authorization: Bearer $KEYWAY_API_KEY" -H "Content-Type: application/json" \\
    -d '{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}'

A private model, which Keyway does not know the address of: a connector beside it dials out, in another terminal.

  KEYWAY_CONNECTOR_TOKEN=${connectorToken} MODEL_KEY=${lab.apiKey} \\
    npx keyway connect --url ${url} --endpoint lab --target ${lab.origin} --key-env MODEL_KEY

  curl -N ${url}/v1/chat/completions -H "Authorization: Bearer $KEYWAY_API_KEY" \\
    -H "Content-Type: application/json" \\
    -d '{"model":"byom/lab","stream":true,"messages":[{"role":"user","content":"Hello"}]}'

The management plane (the administrator's token is in .dev.vars):

  curl ${url}/v1/organizations -H "Authorization: Bearer $(sed -n 's/^ADMIN_TOKEN="\\(.*\\)"/\\1/p' .dev.vars)"

Stop with Ctrl-C.`)
}
