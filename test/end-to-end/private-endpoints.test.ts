import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Answer, call } from '../support/call.ts'
import { anthropic, openAi } from '../support/clients.ts'
import { type Keyway, type Organization, startKeyway } from '../support/keyway.ts'
import { rawRequest } from '../support/raw-client.ts'
import { embeddingOf } from '../upstreams/dialects/embeddings.ts'
import type { ReceivedRequest } from '../upstreams/exchange.ts'
import { type PrivateModel, startPrivateModel } from '../upstreams/private-model.ts'
import { echo } from '../upstreams/stand-ins.ts'

const ACCESS = {
  'cf-access-client-id': 'canary-access-id.access',
  'cf-access-client-secret': 'canary-access-secret-5f1c',
}

let keyway: Keyway
let model: PrivateModel
let own: Organization
let endpointId: string
/** Every answer and header that came out, to be searched at the end. */
const seen: string[] = []

beforeAll(async () => {
  keyway = await startKeyway()
  model = await startPrivateModel({ headers: ACCESS, models: ['llama-4', 'Qwen/Qwen3-8B'] })
  own = await keyway.organization({ providers: [] })
  endpointId = await addEndpoint('lab', {
    api_key: model.apiKey,
    headers: ACCESS,
    models: ['llama-4', 'Qwen/Qwen3-8B'],
    default_model: 'llama-4',
    capabilities: { reasoning_field: 'reasoning', supports_tools: true },
  })
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await keyway[Symbol.asyncDispose]()
})
afterEach(() => model.reset())

async function addEndpoint(name: string, body: object = {}, organization = own): Promise<string> {
  const made = await keyway.management.post(`/${organization.id}/endpoints`, {
    name,
    reach: 'url',
    base_url: model.baseUrl,
    ...body,
  })
  seen.push(JSON.stringify(made))
  return String(made['id'])
}

const messages = [{ role: 'user' as const, content: 'Hello' }]

async function send(path: string, body: unknown, more: object = {}): Promise<Answer> {
  const answer = await call(keyway, own, { path, body, ...more })
  seen.push(answer.text, JSON.stringify([...answer.headers]))
  return answer
}

const chat = (name: string, more: object = {}): Promise<Answer> =>
  send('/v1/chat/completions', { model: name, messages, ...more })

const errorOf = (answer: Answer) => ({
  status: answer.status,
  code: (answer.json as { error?: { code?: string } }).error?.code,
})

function lastReceived(): ReceivedRequest {
  const received = model.requests.at(-1)
  if (received === undefined) throw new Error('the model received nothing')
  return received
}

const testOf = (id: string, organization = own): Promise<Answer> =>
  call(keyway, undefined, {
    path: `/v1/organizations/${organization.id}/endpoints/${id}/test`,
    apiKey: keyway.adminToken,
  })

describe('the openai SDK', () => {
  const client = () => openAi(`${keyway.url}/v1`, own.apiKey)

  test('gets a whole answer, in OpenAI’s shape', async () => {
    const answer = await client().chat.completions.create({ model: 'byom/lab', messages })
    expect(answer.choices[0]?.message.content).toBe(echo('private', 'Hello'))
    expect(answer.model).toBe('llama-4')
    expect(answer.usage?.total_tokens).toBeGreaterThan(0)
  })

  test('streams', async () => {
    const stream = await client().chat.completions.create({
      model: 'byom/lab/Qwen/Qwen3-8B',
      messages,
      stream: true,
    })
    let text = ''
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
    expect(text).toBe(echo('private', 'Hello'))
    expect(lastReceived().json).toMatchObject({ model: 'Qwen/Qwen3-8B', stream: true })
  })

  test('streams on the Responses surface, which the server does not have', async () => {
    const stream = await client().responses.create({
      model: 'byom/lab',
      input: 'Hello',
      stream: true,
    })
    const types = []
    let text = ''
    for await (const event of stream) {
      types.push(event.type)
      if (event.type === 'response.output_text.delta') text += event.delta
    }
    expect(text).toBe(echo('private', 'Hello'))
    expect(types.at(-1)).toBe('response.completed')
    expect(lastReceived().path).toBe('/v1/chat/completions')
  })

  test('gets embeddings', async () => {
    const input = ['a', 'b']
    const expected = input.map((text) => embeddingOf(text, 8))
    // It asks for base64 where nobody says how.
    for (const encoding of [{}, { encoding_format: 'float' as const }]) {
      const { data } = await client().embeddings.create({ model: 'byom/lab', input, ...encoding })
      expect(data.map(({ embedding }) => [...embedding])).toEqual(expected)
    }
    const coded = await send('/v1/embeddings', {
      model: 'byom/lab',
      input,
      encoding_format: 'base64',
    })
    expect(coded.json).toMatchObject({ data: [{ embedding: expect.any(String) }, {}], usage: {} })
  })

  test('lists what the endpoint lists', async () => {
    const ids = []
    for await (const { id } of client().models.list()) ids.push(id)
    expect(ids).toEqual(['byom/lab/llama-4', 'byom/lab/Qwen/Qwen3-8B'])
    const one = await client().models.retrieve('byom/lab/llama-4')
    expect(one).toMatchObject({ id: 'byom/lab/llama-4', owned_by: 'byom' })
    expect(await client().models.retrieve('byom/lab')).toEqual(one)
  })
})

describe('the anthropic SDK', () => {
  const client = () => anthropic(keyway.url, own.apiKey)

  test('gets a whole answer, with what the model thought', async () => {
    const answer = await client().messages.create({ model: 'byom/lab', max_tokens: 99, messages })
    expect(answer.content.map(({ type }) => type)).toContain('text')
    expect(answer.stop_reason).toBe('end_turn')
    expect(lastReceived().json).toMatchObject({ model: 'llama-4', max_tokens: 99 })
  })

  test('streams', async () => {
    const stream = client().messages.stream({ model: 'byom/lab', max_tokens: 99, messages })
    expect(await stream.finalText()).toBe(echo('private', 'Hello'))
  })

  test('gets an estimate of tokens', async () => {
    const { input_tokens } = await client().messages.countTokens({ model: 'byom/lab', messages })
    expect(input_tokens).toBeGreaterThan(0)
  })
})

describe('what reaches the model', () => {
  test('is one credential, the headers of the way there, and nothing of the caller', async () => {
    const headers = {
      'x-keyway-api-key': own.apiKey,
      'x-api-key': 'sk-callers-own',
      origin: 'https://a.b',
      cookie: 'a=b',
    }
    const answer = await send('/v1/chat/completions', { model: 'byom/lab', messages }, { headers })
    expect(answer.status).toBe(200)
    const { headers: sent } = lastReceived()
    expect(sent).toMatchObject({ authorization: `Bearer ${model.apiKey}`, ...ACCESS })
    expect(JSON.stringify(sent)).not.toMatch(/sk-callers-own|kw_/)
  })

  test.each(['bearer', 'api-key', 'x-api-key', 'none'] as const)('with auth %s', async (auth) => {
    await using other = await startPrivateModel({ auth })
    await addEndpoint(`auth-${auth}`, {
      base_url: other.baseUrl,
      auth,
      api_key: auth === 'none' ? null : other.apiKey,
    })
    expect((await chat(`byom/auth-${auth}/llama-4`)).status).toBe(200)
    expect(other.requests.map(({ refusal }) => refusal)).toEqual([undefined])
  })

  test('is in Anthropic’s format where the server is said to speak it', async () => {
    await addEndpoint('both', {
      api_key: model.apiKey,
      headers: ACCESS,
      default_model: 'llama-4',
      capabilities: { supports_messages: true },
    })
    const body = { model: 'byom/both', max_tokens: 9, messages, top_k: 3 }
    const answer = await send('/v1/messages', body)
    expect(answer.json).toMatchObject({ content: [{ text: 'Spoken as Anthropic does.' }] })
    expect(lastReceived()).toMatchObject({
      path: '/v1/messages',
      json: { ...body, model: 'llama-4' },
    })
  })
})

describe('a model that may take minutes', () => {
  test.each<[path: string, body: object, said: object]>([
    [
      '/v1/chat/completions',
      { messages },
      {
        object: 'chat.completion',
        choices: [{ message: { content: echo('private', 'Hello') }, finish_reason: 'stop' }],
        usage: { total_tokens: expect.any(Number) },
      },
    ],
    ['/v1/messages', { messages, max_tokens: 99 }, { type: 'message', stop_reason: 'end_turn' }],
    ['/v1/responses', { input: 'Hello' }, { object: 'response', status: 'completed' }],
  ])('is asked for a stream by %s, whose caller wants none', async (path, body, said) => {
    const answer = await send(path, { model: 'byom/lab', ...body })
    expect(answer).toMatchObject({ status: 200, json: said })
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(lastReceived()).toMatchObject({
      json: { stream: true },
      headers: { accept: 'text/event-stream, application/json;q=0.9' },
    })
  })

  test('is not where there are several choices to put together', async () => {
    await chat('byom/lab', { n: 2 })
    expect(lastReceived().json).not.toHaveProperty('stream')
    expect(lastReceived().headers).toMatchObject({ accept: 'application/json' })
  })

  test('may answer with JSON where a stream is wanted, too, such as an error', async () => {
    await chat('byom/lab', { stream: true })
    expect(lastReceived().headers).toMatchObject({
      accept: 'text/event-stream, application/json;q=0.9',
    })
  })

  test('and breaks off has not answered its caller who wants no stream', async () => {
    model.misbehave({ kind: 'die-midway', afterEvents: 3 }, { times: 1 })
    expect((await chat('byom/lab')).status).toBe(502)
  })
})

describe('what the server can do', () => {
  const turns = {
    max_tokens: 9,
    system: 'Be brief.',
    messages: [
      { role: 'user', content: 'One' },
      { role: 'user', content: 'Two' },
    ],
  }

  test.each<[name: string, capabilities: object, sent: object]>([
    [
      'plain',
      {},
      { max_tokens: 9, messages: [{ role: 'system' }, { content: 'One' }, { content: 'Two' }] },
    ],
    [
      'able',
      { max_tokens_field: 'max_completion_tokens', supports_stream_options: true },
      { max_completion_tokens: 9, stream_options: { include_usage: true } },
    ],
    [
      'touchy',
      { merge_consecutive_roles: true },
      { messages: [{ role: 'system' }, { role: 'user' }] },
    ],
  ])('decides what the model %s is sent', async (name, capabilities, sent) => {
    const secrets = { api_key: model.apiKey, headers: ACCESS }
    await addEndpoint(name, { ...secrets, default_model: 'llama-4', capabilities })
    const answer = await send('/v1/messages', { model: `byom/${name}`, stream: true, ...turns })
    expect(answer.text).toContain('message_stop')
    expect(lastReceived().json).toMatchObject(sent)
  })

  test('may not be to call tools, which its callers are told', async () => {
    const secrets = { api_key: model.apiKey, headers: ACCESS }
    const capabilities = { supports_tools: false }
    await addEndpoint('toolless', { ...secrets, default_model: 'llama-4', capabilities })
    const before = model.requests.length
    const tools = [{ name: 'weather', input_schema: { type: 'object' } }]
    const answer = await send('/v1/messages', { model: 'byom/toolless', ...turns, tools })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('tools')
    expect(model.requests.length).toBe(before)
  })
})

describe('what the answer says of itself', () => {
  test('is the full name of the model in two headers, and the endpoint’s id for a key', async () => {
    const { headers } = await chat('byom/lab')
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-keyway-provider': 'byom',
      'x-keyway-model': 'lab/llama-4',
      'x-keyway-provider-key': endpointId,
      'x-keyway-attempts': `${endpointId}:200`,
    })
  })
})

describe('a name', () => {
  test.each([
    ['byom/nobody', 404, 'unknown_endpoint'],
    ['byom/nobody/llama-4', 404, 'unknown_endpoint'],
    ['byom/', 404, 'unknown_endpoint'],
    ['byom', 404, 'unknown_model'],
    ['byom/lab/', 404, 'unknown_model'],
    ['byom/lab/gpt-5', 404, 'unknown_model'],
  ])('%s: %i %s', async (name, status, code) => {
    expect(errorOf(await chat(name))).toEqual({ status, code })
  })

  test('without a model means the default, else the only one, else none', async () => {
    const open = { api_key: model.apiKey, headers: ACCESS }
    await addEndpoint('only-one', { ...open, models: ['Qwen/Qwen3-8B'] })
    expect((await chat('byom/only-one')).status).toBe(200)
    expect(lastReceived().json).toMatchObject({ model: 'Qwen/Qwen3-8B' })
    await addEndpoint('two', { ...open, models: ['llama-4', 'Qwen/Qwen3-8B'] })
    expect(errorOf(await chat('byom/two'))).toEqual({ status: 404, code: 'unknown_model' })
    await addEndpoint('any', open)
    expect(errorOf(await chat('byom/any'))).toEqual({ status: 404, code: 'unknown_model' })
    expect((await chat('byom/any/llama-4')).status).toBe(200)
  })

  test('works in the path of Azure’s surface', async () => {
    const path = '/openai/deployments/byom/lab/chat/completions?api-version=2024-10-21'
    expect((await send(path, { messages })).status).toBe(200)
  })
})

describe('the native surface', () => {
  test.each(['/v1/chat/completions', '/chat/completions'])('pipes %s', async (path) => {
    const body = { model: 'llama-4', messages, stream: true, chat_template_kwargs: { a: 1 } }
    const answer = await send(`/native/byom/lab${path}`, body)
    expect(answer.text).toMatch(/"reasoning":/)
    expect(answer.text).toMatch(/data: \[DONE\]\n\n$/)
    expect(lastReceived()).toMatchObject({ path: '/v1/chat/completions', json: body })
  })

  test('pipes what is no stream, and the list of models', async () => {
    const answer = await send('/native/byom/lab/v1/chat/completions', {
      model: 'llama-4',
      messages,
    })
    expect(answer.json).toMatchObject({ choices: [{ stop_reason: null }] })
    const list = await send('/native/byom/lab/models', undefined, { method: 'GET' })
    expect(list.json).toMatchObject({ object: 'list' })
  })

  test.each([
    ['/native/byom/lab/v1/../secret', 400],
    ['/native/byom/lab/v1/%2e%2e/secret', 400],
    ['/native/byom/lab//evil.example/x', 400],
    ['/native/byom/nobody/v1/models', 404],
  ])('%s: %i', async (path, status) => {
    const before = model.requests.length
    const response = await rawGet(path)
    expect(response).toBe(status)
    expect(model.requests.length).toBe(before)
  })

  test('holds to the models that the endpoint lists', async () => {
    const answer = await send('/native/byom/lab/v1/chat/completions', { model: 'gpt-5', messages })
    expect(errorOf(answer)).toEqual({ status: 404, code: 'unknown_model' })
  })
})

/** The status for a path as it stands: fetch would resolve it first. */
async function rawGet(path: string): Promise<number> {
  const answer = await rawRequest(keyway.url, path, {
    method: 'GET',
    headers: { authorization: `Bearer ${own.apiKey}` },
  })
  await answer.body
  return answer.status
}

describe('an API key', () => {
  const keyWith = async (fields: object): Promise<string> => {
    const made = await keyway.management.post(`/${own.id}/api-keys`, { name: 'held', ...fields })
    return String(made['key'])
  }

  test.each<[object, string, number]>([
    [{ providers: ['byom'] }, 'byom/lab', 200],
    [{ providers: ['openai'] }, 'byom/lab', 403],
    [{ models: ['byom/*'] }, 'byom/lab', 200],
    [{ models: ['byom/lab'] }, 'byom/lab', 200],
    [{ models: ['byom/lab'] }, 'byom/lab/Qwen/Qwen3-8B', 200],
    [{ models: ['byom/lab/Qwen/*'] }, 'byom/lab/Qwen/Qwen3-8B', 200],
    [{ models: ['byom/lab/Qwen/*'] }, 'byom/lab', 403],
    [{ models: ['llama-*'] }, 'byom/lab', 200],
    [{ models: ['byom/la'] }, 'byom/lab', 403],
  ])('%j calls %s: %i', async (fields, name, status) => {
    const apiKey = await keyWith(fields)
    const body = { model: name, messages }
    expect((await send('/v1/chat/completions', body, { apiKey })).status).toBe(status)
  })

  test('is shown the models that it can use', async () => {
    const apiKey = await keyWith({ models: ['byom/lab/Qwen/*'] })
    const list = await send('/v1/models', undefined, { method: 'GET', apiKey })
    expect(list.json).toMatchObject({ data: [{ id: 'byom/lab/Qwen/Qwen3-8B' }] })
    expect(list.text).not.toContain('llama')
  })

  test('that may not use private endpoints cannot tell which there are', async () => {
    const apiKey = await keyWith({ providers: ['openai'] })
    const answers = []
    for (const name of ['byom/lab', 'byom/nobody']) {
      answers.push(
        errorOf(await send('/v1/chat/completions', { model: name, messages }, { apiKey })),
      )
    }
    expect(answers[0]).toEqual({ status: 403, code: 'provider_not_allowed' })
    expect(answers[1]).toEqual(answers[0])
    const list = await send('/v1/models', undefined, { method: 'GET', apiKey })
    expect(list.text).not.toContain('byom')
  })
})

test('another organization reaches nothing of it', async () => {
  const other = await keyway.organization({ providers: [] })
  const before = model.requests.length
  const paths: readonly [string, unknown][] = [
    ['/v1/chat/completions', { model: 'byom/lab', messages }],
    ['/v1/chat/completions', { model: `byom/${endpointId}`, messages }],
    ['/v1/messages', { model: 'byom/lab', messages, max_tokens: 9 }],
    ['/native/byom/lab/v1/chat/completions', { model: 'llama-4', messages }],
  ]
  for (const [path, body] of paths) {
    const answer = await call(keyway, other, { path, body })
    expect([path, answer.status]).toEqual([path, 404])
    expect(answer.text).not.toContain('llama')
  }
  expect((await testOf(endpointId, other)).status).toBe(404)
  expect(model.requests.length).toBe(before)
  const mine = await addEndpoint('lab', { api_key: 'sk-wrong-key-of-mine', headers: ACCESS }, other)
  expect(
    (
      await call(keyway, other, {
        path: '/v1/chat/completions',
        body: { model: 'byom/lab/llama-4', messages },
      })
    ).status,
  ).toBe(403)
  expect(mine).not.toBe(endpointId)
})

test('a way that leads back to Keyway by another of its names comes to an end', async () => {
  const one = keyway.url
  const other = one.replace('127.0.0.1', 'localhost')
  // Each is stored by the other name: none is told to call itself.
  const add = (url: string, body: object) =>
    call({ url }, undefined, {
      path: `/v1/organizations/${own.id}/endpoints`,
      apiKey: keyway.adminToken,
      body: { reach: 'url', api_key: own.apiKey, ...body },
    })
  const made = [
    await add(one, { name: 'there', base_url: `${other}/v1`, default_model: 'byom/back' }),
    await add(other, { name: 'back', base_url: `${one}/v1`, default_model: 'byom/there' }),
  ]
  expect(made.map(({ status }) => status)).toEqual([201, 201])
  const answer = await chat('byom/there')
  expect(answer.status).toBe(502)
  expect(answer.text).toContain('came through Keyway 2 times')
})

describe('a failure', () => {
  test('of the model server keeps its status and words', async () => {
    model.misbehave({ kind: 'bad-request' }, { times: 1 })
    const answer = await chat('byom/lab')
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('bad on purpose')
  })

  test.each([
    ['a redirect', { kind: 'redirect', to: 'https://evil.example/', status: 307 }, 502],
    [
      'a login page',
      {
        kind: 'redirect',
        to: 'https://team.cloudflareaccess.com/cdn-cgi/access/login/x',
        status: 302,
      },
      502,
    ],
    ['a page', { kind: 'html', status: 200 }, 502],
    ['nothing', { kind: 'die-before-headers' }, 502],
  ] as const)('that is %s is told, on both surfaces', async (_, fault, status) => {
    for (const path of ['/v1/chat/completions', '/native/byom/lab/v1/chat/completions']) {
      model.misbehave(fault, { times: 1 })
      const name = path.startsWith('/native') ? 'llama-4' : 'byom/lab'
      const answer = await send(path, { model: name, messages })
      expect([path, answer.status]).toEqual([path, status])
      expect(answer.json).toMatchObject({ error: { message: expect.stringContaining('lab') } })
    }
  })

  test('that is a redirect is never followed, wherever it leads', async () => {
    await using elsewhere = await startPrivateModel({ auth: 'none' })
    for (const path of ['/v1/chat/completions', '/native/byom/lab/v1/chat/completions']) {
      for (const status of [301, 307, 308]) {
        const to = `${elsewhere.baseUrl}/chat/completions`
        model.misbehave({ kind: 'redirect', to, status }, { times: 1 })
        const name = path.startsWith('/native') ? 'llama-4' : 'byom/lab'
        const answer = await send(path, { model: name, messages })
        expect(errorOf(answer)).toEqual({ status: 502, code: 'upstream_redirect' })
        expect(answer.headers.has('location')).toBe(false)
      }
    }
    expect(elsewhere.requests).toEqual([])
  })

  test('in the middle of a stream is its last word', async () => {
    model.misbehave({ kind: 'die-midway', afterEvents: 3 }, { times: 1 })
    const answer = await chat('byom/lab', { stream: true })
    expect(answer.text).toMatch(/data: \{"error":/)
    expect(answer.text).not.toContain('[DONE]')
  })
})

describe('patience', () => {
  beforeAll(async () => {
    await addEndpoint('hasty', {
      api_key: model.apiKey,
      headers: ACCESS,
      default_model: 'llama-4',
      timeouts: { first_byte_ms: 300, idle_ms: 300 },
    })
  })

  test.each([true, false])('ends before the first byte with 504, streamed %s', async (stream) => {
    model.misbehave({ kind: 'stall-before-headers' }, { times: 1 })
    const answer = await chat('byom/hasty', { stream })
    expect(errorOf(answer)).toEqual({ status: 504, code: 'upstream_timeout' })
    expect(await lastReceived().finished).toBe('client-left')
  })

  test('counts the first event as the first byte, and not the headers', async () => {
    model.misbehave({ kind: 'stall-midway', afterEvents: 0 }, { times: 1 })
    const answer = await chat('byom/hasty', { stream: true })
    expect(errorOf(answer)).toEqual({ status: 504, code: 'upstream_timeout' })
    expect(await lastReceived().finished).toBe('client-left')
  })

  test('ends in the middle with an error event', async () => {
    model.misbehave({ kind: 'stall-midway', afterEvents: 3 }, { times: 1 })
    const answer = await chat('byom/hasty', { stream: true })
    expect(answer.status).toBe(200)
    expect(answer.text).toMatch(/"code":"upstream_timeout"/)
    expect(answer.text).not.toContain('[DONE]')
    expect(await lastReceived().finished).toBe('client-left')
  })

  test('is not asked of a stream that goes on', async () => {
    model.script({ deltas: 4, gapMs: 150 })
    const answer = await chat('byom/hasty', { stream: true })
    expect(answer.text).toContain('[DONE]')
  })
})

describe('a test of an endpoint', () => {
  test('asks for the list of models', async () => {
    const answer = await testOf(endpointId)
    expect(answer.json).toEqual({
      ok: true,
      status: 200,
      latency_ms: expect.any(Number),
      message: 'The endpoint lab answered.',
    })
    expect(lastReceived()).toMatchObject({ method: 'GET', path: '/v1/models' })
  })

  test('asks for one token where there is none', async () => {
    await using bare = await startPrivateModel({ hasModelList: false })
    const id = await addEndpoint('bare', {
      base_url: bare.baseUrl,
      api_key: bare.apiKey,
      models: ['llama-4'],
    })
    expect((await testOf(id)).json).toMatchObject({ ok: true, status: 200 })
    expect(bare.requests.at(-1)?.json).toMatchObject({ model: 'llama-4', max_tokens: 1 })
  })

  test('says what is wrong', async () => {
    const wrong = await addEndpoint('wrong-key', {
      api_key: 'sk-canary-wrong-key',
      headers: ACCESS,
    })
    const refused = await testOf(wrong)
    expect(refused.json).toMatchObject({
      ok: false,
      status: 401,
      message: expect.stringMatching(/refused the key/),
    })
    const missing = await addEndpoint('no-such', {
      api_key: model.apiKey,
      headers: ACCESS,
      models: ['mixtral'],
    })
    expect((await testOf(missing)).json).toMatchObject({
      ok: true,
      message: expect.stringMatching(/does not list mixtral.*llama-4/),
    })
    model.misbehave({ kind: 'die-before-headers' }, { times: 1 })
    expect((await testOf(endpointId)).json).toMatchObject({ ok: false, status: null })
    expect((await testOf('ep_0000000000000000')).status).toBe(404)
  })
})

describe('the address of an endpoint', () => {
  test.each([
    'http://models.example.com/v1',
    'https://user:pw@models.example.com/v1',
    'https://10.0.0.1/v1',
    'https://167772161/v1',
    'https://0xa.1/v1',
    'https://012.0.0.1/v1',
    'https://[::ffff:10.0.0.1]/v1',
    'https://[fd00::1]/v1',
    'https://models.internal/v1',
    'https://models.example.com:8443/v1',
    'ftp://models.example.com',
  ])('is not %s', async (base_url) => {
    const answer = await call(keyway, undefined, {
      path: `/v1/organizations/${own.id}/endpoints`,
      apiKey: keyway.adminToken,
      body: { name: 'bad', reach: 'url', base_url },
    })
    expect(answer).toMatchObject({ status: 400, json: { error: { param: 'base_url' } } })
  })

  test('is not Keyway’s own', async () => {
    const answer = await call(keyway, undefined, {
      path: `/v1/organizations/${own.id}/endpoints`,
      apiKey: keyway.adminToken,
      body: { name: 'loop', reach: 'url', base_url: `${keyway.url}/v1` },
    })
    expect(answer).toMatchObject({ status: 400, json: { error: { param: 'base_url' } } })
  })

  test('is looked at again when it is called', async () => {
    const other = await keyway.organization({ providers: [] })
    await addEndpoint('moved', { models: ['llama-4'] }, other)
    const kv = await keyway.worker.kv()
    const stored = String(await kv.get(`org/${other.id}`))
    const forged = stored.replace(model.baseUrl, 'http://10.0.0.1')
    expect(forged).not.toBe(stored)
    await kv.put(`org/${other.id}`, forged)
    const body = { model: 'byom/moved', messages }
    const answer = await call(keyway, other, { path: '/v1/chat/completions', body })
    expect(errorOf(answer)).toEqual({ status: 500, code: 'misconfigured' })
    expect(answer.text).not.toContain('10.0.0.1')
  })

  test('is sealed to nobody else’s secrets', async () => {
    const other = await keyway.organization({ providers: [] })
    const secrets = { api_key: model.apiKey, headers: ACCESS, models: ['llama-4'] }
    await addEndpoint('first', secrets, other)
    await addEndpoint('second', { ...secrets, api_key: 'sk-canary-second' }, other)
    const kv = await keyway.worker.kv()
    const record = JSON.parse(String(await kv.get(`org/${other.id}`)))
    record.endpoints[1].sealed_api_key = record.endpoints[0].sealed_api_key
    await kv.put(`org/${other.id}`, JSON.stringify(record))
    const before = model.requests.length
    const body = { model: 'byom/second', messages }
    const answer = await call(keyway, other, { path: '/v1/chat/completions', body })
    expect(errorOf(answer)).toEqual({ status: 500, code: 'misconfigured' })
    expect(model.requests.length).toBe(before)
  })
})

test.each([{ api_key: 'sk-canary-one' }, { auth: 'caller' }])(
  'two keys are never stored for one endpoint: %j',
  async (first) => {
    const answer = await call(keyway, undefined, {
      path: `/v1/organizations/${own.id}/endpoints`,
      apiKey: keyway.adminToken,
      body: {
        name: 'twice',
        reach: 'url',
        base_url: model.baseUrl,
        ...first,
        headers: { Authorization: 'Bearer sk-canary-two' },
      },
    })
    expect(answer).toMatchObject({ status: 400, json: { error: { param: 'headers' } } })
    expect(answer.text).not.toContain('canary')
  },
)

test('a key is rotated in place', async () => {
  const id = await addEndpoint('rotated', {
    api_key: 'sk-canary-old-key-0000',
    headers: ACCESS,
    models: ['llama-4'],
  })
  const refused = await chat('byom/rotated')
  expect(errorOf(refused)).toEqual({ status: 403, code: 'upstream_rejected_key' })
  expect(refused.text).toContain(`${id} (401)`)
  const patched = await call(keyway, undefined, {
    path: `/v1/organizations/${own.id}/endpoints/${id}`,
    method: 'PATCH',
    apiKey: keyway.adminToken,
    body: { api_key: model.apiKey },
  })
  expect(patched.json).toMatchObject({ hint: model.apiKey.slice(-4), status: { last_error: null } })
  expect((await chat('byom/rotated')).status).toBe(200)
})

test('how an endpoint is doing is shown', async () => {
  const other = await keyway.organization({ providers: [] })
  const id = await addEndpoint(
    'watched',
    { api_key: model.apiKey, headers: ACCESS, models: ['llama-4'] },
    other,
  )
  const status = async () => (await keyway.management.get(`/${other.id}/endpoints/${id}`))['status']
  const nothing = {
    online_connectors: null,
    connectors: [],
    last_error: null,
    last_success_at: null,
    health: null,
  }
  expect(await status()).toEqual(nothing)
  const body = { model: 'byom/watched', messages }
  await call(keyway, other, { path: '/v1/chat/completions', body })
  await vi.waitFor(async () => {
    expect(await status()).toEqual({
      ...nothing,
      last_success_at: expect.stringMatching(/^20\d\d-/),
    })
  }, SOON)
})

test('what went wrong with an endpoint is shown', async () => {
  const other = await keyway.organization({ providers: [] })
  const id = await addEndpoint(
    'failing',
    { api_key: 'sk-canary-failing', headers: ACCESS, models: ['llama-4'] },
    other,
  )
  const body = { model: 'byom/failing', messages }
  await call(keyway, other, { path: '/v1/chat/completions', body })
  await vi.waitFor(async () => {
    const { status } = await keyway.management.get(`/${other.id}/endpoints/${id}`)
    expect(status).toMatchObject({
      last_error: { at: expect.any(String), status: 401, message: 'byom/failing refused the key.' },
      last_success_at: null,
      health: { state: 'open', reason: 'refused', model: null },
    })
  }, SOON)
})

/** The first use of a key is told at once; what is behind the answer takes a moment. */
const SOON = { timeout: 10_000, interval: 20 }

test('no secret comes out by any answer, line of the log or value in KV', async () => {
  seen.push(JSON.stringify(await keyway.management.get(`/${own.id}/endpoints`)))
  seen.push(JSON.stringify(await keyway.management.get(`/${own.id}/audit-log`)))
  const kv = await keyway.worker.kv()
  for (const { name } of (await kv.list()).keys) seen.push(name, String(await kv.get(name)))
  seen.push(keyway.worker.output())
  const everything = seen.join('\n')
  expect(everything.length).toBeGreaterThan(10_000)
  expect(everything).toContain(endpointId)
  for (const secret of [model.apiKey, ...Object.values(ACCESS), 'sk-canary', 'sk-callers-own']) {
    expect(everything.includes(secret), secret.slice(0, 6)).toBe(false)
  }
})
