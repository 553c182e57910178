import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, chatCall, messagesCall, nativeCall } from '../support/call.ts'
import { type Keyway, type Organization, startKeyway } from '../support/keyway.ts'

let keyway: Keyway
let organization: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  organization = await keyway.organization({ providers: ['openai', 'anthropic', 'bedrock'] })
})
afterAll(() => keyway[Symbol.asyncDispose]())

/** The steps of an answer's `server-timing`, each of which must say how long it took. */
function stepsIn(headers: Headers): readonly string[] {
  const steps = headers.get('server-timing')?.split(', ') ?? []
  for (const step of steps) expect(step).toMatch(/^[a-z]+;dur=\d+\.\d$/)
  return steps.map((step) => step.split(';')[0] ?? '').toSorted()
}

const ASKED_UPSTREAM = ['auth', 'credential', 'mint', 'upstream']

const stream = { ...messagesCall, body: { ...(messagesCall.body as object), stream: true } }

test.each([
  ['Chat Completions', chatCall],
  ['Messages', messagesCall],
  ['a stream', stream],
  ['the native surface', nativeCall],
])('an answer of %s says where its time went', async (_, asked) => {
  const { status, headers } = await call(keyway, organization, asked)
  expect(status).toBe(200)
  expect(stepsIn(headers)).toEqual(ASKED_UPSTREAM)
})

test('what a limit of the API key took is a step of its own', async () => {
  const apiKey = { limits: { requests_per_minute: 10 } }
  const limited = await keyway.organization({ providers: ['openai'], apiKey })
  const { headers } = await call(keyway, limited, chatCall)
  expect(stepsIn(headers)).toEqual([...ASKED_UPSTREAM, 'limits'].toSorted())
})

test('an error says it too, as far as the request came', async () => {
  const asked = { ...chatCall, body: { model: 'mistral/mistral-large-4-0', messages: [] } }
  const { status, headers } = await call(keyway, organization, asked)
  expect(status).toBe(400)
  expect(stepsIn(headers)).toEqual(['auth', 'credential'])
})

test('whose key is no longer one is told nothing of how long it took to look', async () => {
  const path = `/${organization.id}/api-keys`
  const { id, key } = await keyway.management.post(path, { name: 'gone' })
  await keyway.management.delete(`${path}/${String(id)}`)
  const { status, headers } = await call(keyway, { apiKey: String(key) }, chatCall)
  expect([status, headers.get('server-timing')]).toEqual([401, null])
})

test.each([
  ['an answer', chatCall, 200],
  ['a stream', stream, 200],
  ['the list of models', { path: '/v1/models', method: 'GET' }, 200],
  ['an error', { ...chatCall, body: { model: 'nobody/nothing' } }, 404],
])('%s has the id of the request where SDKs look for it', async (_, asked, expected) => {
  const { status, headers } = await call(keyway, organization, asked)
  const id = headers.get('x-keyway-request-id')
  expect([status, id]).toEqual([expected, expect.stringMatching(/^req_[0-9a-f]{32}$/)])
  expect([headers.get('x-request-id'), headers.get('request-id')]).toEqual([id, id])
})
