import { describe, expect, test } from 'vitest'
import { isAllowed, parseAllowed, USUAL_REQUESTS } from '../../cli/connect/allowed-requests.ts'
import { authOf, credentialOf } from '../../cli/connect/credential.ts'
import { fromModel, toModel } from '../../cli/connect/model-headers.ts'
import { reconnectDelayMs } from '../../cli/connect/reconnect-delay.ts'
import { lookupTarget, parseTarget } from '../../cli/connect/target.ts'

describe('the target', () => {
  test.each([
    ['http://127.0.0.1:11434', 'http://127.0.0.1:11434', '127.0.0.1:11434', ''],
    ['http://localhost:8000/v1', 'http://localhost:8000', 'localhost:8000', ''],
    ['https://[::1]:8443/', 'https://[::1]:8443', '[::1]:8443', ''],
    ['http://LLM.default.svc/v1/chat/completions', 'http://llm.default.svc', 'llm.default.svc', ''],
    ['https://rag.example/edgeai/', 'https://rag.example', 'rag.example', '/edgeai'],
    ['https://a.example/openai/v1/models', 'https://a.example', 'a.example', '/openai'],
  ])('%s', (text, origin, host, basePath) => {
    expect(parseTarget(text)).toMatchObject({ origin, host, basePath })
  })

  test.each([
    'localhost:11434',
    'ftp://127.0.0.1',
    'http://user:pass@127.0.0.1',
    'http://127.0.0.1/?a=b',
    'http://127.0.0.1/#a',
    'http://169.254.169.254',
    'http://2852039166',
    'http://0xa9fea9fe',
    'http://[fe80::1]',
    'http://[::ffff:169.254.169.254]',
    'http://[fd00:ec2::254]',
    'http://metadata.google.internal',
  ])('%s is refused', (text) => {
    expect(() => parseTarget(text)).toThrow('arget must')
  })

  test('a name that means a link-local address is refused when it is looked up', async () => {
    const codes = await Promise.all(
      ['169.254.169.254', '127.0.0.1'].map(
        (name) =>
          new Promise((resolve) => {
            lookupTarget(name, { all: true }, (error) => resolve(error?.code))
          }),
      ),
    )
    expect(codes).toEqual(['EFORBIDDEN', undefined])
  })
})

describe('what may be asked', () => {
  test.each([
    ['POST', '/v1/chat/completions'],
    ['POST', '/v1/chat/completions?api-version=2024-10-21'],
    ['GET', '/v1/models'],
    ['GET', '/v1/models/meta-llama/Llama-4'],
    ['GET', '/v1/models/gemma%20x'],
  ])('%s %s', (method, path) => {
    expect(isAllowed(USUAL_REQUESTS, method, path)).toBe(true)
  })

  test.each([
    ['GET', '/v1/chat/completions'],
    ['post', '/v1/chat/completions'],
    ['POST', '/v1/chat/completions/'],
    ['POST', '/v1//chat/completions'],
    ['POST', '//v1/chat/completions'],
    ['POST', '/v1/models/../chat/completions'],
    ['POST', 'http://127.0.0.1:2375/v1/chat/completions'],
    ['POST', '*'],
    ['POST', ''],
    ['GET', '/v1/models/'],
    ['GET', '/v1/models/..'],
    ['GET', '/v1/models/../../api/tags'],
    ['GET', '/v1/models/.%2e/x'],
    ['GET', '/v1/models/%2e%2e/x'],
    ['GET', '/v1/models/..%2fapi'],
    ['GET', '/v1/models/..%5capi'],
    ['GET', '/v1/models/..\\api'],
    ['GET', '/v1/models/%252e%252e/x'],
    ['GET', '/v1/models/a//b'],
    ['GET', '/v1/models/x;a'],
    ['GET', '/v1/models/x#a'],
    ['GET', '/v1/models/x y'],
    ['GET', '/v1/models/x%00'],
    ['GET', '/v1/models/x%'],
    ['GET', '/v1/models/x\r\nhost: y'],
    ['GET', '/v1/models/é'],
    ['GET', '/v1/models?a=b c'],
    ['GET', '/v1/models?a=b\n'],
    ['GET', '/v1/models?a#b'],
    ['POST', '/api/pull'],
    ['DELETE', '/v1/models/x'],
  ])('%s %j is refused', (method, path) => {
    expect(isAllowed(USUAL_REQUESTS, method, path)).toBe(false)
  })

  test('more can be allowed, one path or everything below one', () => {
    const allowed = [parseAllowed('POST /edgeai/chat/completions'), parseAllowed('GET /files/*')]
    expect(isAllowed(allowed, 'POST', '/edgeai/chat/completions?api-version=1')).toBe(true)
    expect(isAllowed(allowed, 'GET', '/files/a/b')).toBe(true)
    expect(isAllowed(allowed, 'GET', '/filesystem')).toBe(false)
    for (const text of [
      '/x',
      'GET x',
      'CONNECT /x',
      'GET /a*',
      'GET /a/../b',
      'GET /a b',
      'get /a',
    ]) {
      expect(() => parseAllowed(text), text).toThrow('method and a path')
    }
  })
})

describe('headers to the model', () => {
  const received = {
    'content-type': 'application/json',
    'content-length': '12',
    'x-user-role': 'user',
    'user-agent': 'openai',
    authorization: 'Bearer kw_caller',
    'api-key': 'stored',
    'x-api-key': 'kw_caller',
    cookie: 'a=b',
    host: 'keyway.example',
    origin: 'https://app.example',
    referer: 'https://app.example/',
    'accept-encoding': 'gzip',
    'cf-connecting-ip': '192.0.2.1',
    'x-forwarded-for': '192.0.2.1',
    'cdn-loop': 'keyway',
    'x-keyway-org': 'org',
    connection: 'keep-alive, X-Hop',
    'x-hop': '1',
    'transfer-encoding': 'chunked',
    te: 'trailers',
    'proxy-authorization': 'Basic x',
    'x-evil': 'a\r\nx-other: b',
    'bad name': 'x',
    'X-Upper': 'x',
  }
  const passed = {
    'content-type': 'application/json',
    'content-length': '12',
    'x-user-role': 'user',
    'user-agent': 'openai',
    // A server that leads back to Keyway must tell it.
    'cdn-loop': 'keyway',
    host: '127.0.0.1:11434',
    'accept-encoding': 'identity',
  }

  test.each([
    ['none', '', {}],
    ['bearer', 'k', { authorization: 'Bearer k' }],
    ['api-key', 'k', { 'api-key': 'k' }],
    ['x-api-key', 'k', { 'x-api-key': 'k' }],
    ['forward', '', { 'api-key': 'stored' }],
  ] as const)('with --auth %s', (auth, key, credential) => {
    expect(toModel(Object.entries(received), '127.0.0.1:11434', credentialOf(auth, key))).toEqual({
      ...passed,
      ...credential,
    })
  })

  test('--auth forward passes on the one credential that there is', () => {
    const headers = toModel(
      [
        ['api-key', 'k'],
        ['api-key', 'l'],
      ],
      'h',
      { kind: 'forward' },
    )
    expect(headers).toEqual({ host: 'h', 'accept-encoding': 'identity', 'api-key': 'k' })
    const twice = toModel(
      [
        ['accept', 'a'],
        ['accept', 'b'],
      ],
      'h',
      { kind: 'none' },
    )
    expect(twice['accept']).toBe('a, b')
    const inherited = [
      ['constructor', 'c'],
      ['__proto__', 'p'],
    ] as const
    expect(Object.entries(toModel(inherited, 'h', { kind: 'none' }))).toEqual([
      ...inherited,
      ['host', 'h'],
      ['accept-encoding', 'identity'],
    ])
  })

  test('the key is a bearer token unless said otherwise, and what contradicts is refused', () => {
    expect([authOf(undefined, true), authOf(undefined, false)]).toEqual(['bearer', 'forward'])
    expect([authOf('api-key', true), authOf('forward', false)]).toEqual(['api-key', 'forward'])
    expect(() => authOf('none', true)).toThrow('sends none')
    expect(() => authOf('api-key', false)).toThrow('needs')
    for (const key of ['', 'a\nb', ' a', 'ä']) {
      expect(() => credentialOf('bearer', key)).toThrow('cannot carry')
    }
  })
})

test('headers of the answer lose those of the connection, and cookies', () => {
  const headers = fromModel(
    [
      'Content-Type',
      'text/event-stream',
      'Set-Cookie',
      'a=b',
      'Connection',
      'close, x-hop',
      'Content-Length',
      '5',
    ].concat([
      'X-Hop',
      '1',
      'Transfer-Encoding',
      'chunked',
      'Vary',
      'a',
      'vary',
      'b',
      'X-Bad',
      'a\u0001',
    ]),
  )
  expect(headers).toEqual([
    ['content-type', 'text/event-stream'],
    ['vary', 'a'],
    ['vary', 'b'],
  ])
})

test('the delay before another attempt is anything up to a limit that doubles', () => {
  const longest = [0, 1, 2, 3, 6, 7, 8, 1000].map((failures) => reconnectDelayMs(failures, () => 1))
  expect(longest).toEqual([250, 500, 1000, 2000, 16_000, 30_000, 30_000, 30_000])
  expect([reconnectDelayMs(5, () => 0), reconnectDelayMs(5, () => 0.5)]).toEqual([0, 4000])
})
