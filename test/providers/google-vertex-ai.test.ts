import { describe, expect, test } from 'vitest'
import { googleVertexAi } from '../../src/providers/google-vertex-ai.ts'
import { googleSelfSigned, googleToken } from '../../src/upstream-auth/google-token.ts'
import { compatNoting } from '../support/compat.ts'
import { thrownBy } from '../thrown-by.ts'

const siteOf = (projectId: string, location = 'europe-west1') => ({
  credential: { kind: 'google', projectId, clientEmail: 'a@b', privateKey: 'secret' } as const,
  settings: {},
  location,
})

const resolve = (path: string, projectId = 'my-project') =>
  googleVertexAi.native.resolve?.(path, siteOf(projectId))

const OWN = '/v1/projects/my-project/locations'

describe("a native path is brought to the credential's own project", () => {
  test.each([
    [
      '/v1/projects/my-project/locations/us-central1/publishers/google/models/m:generateContent',
      `${OWN}/us-central1/publishers/google/models/m:generateContent`,
      'us-central1',
    ],
    [
      '/v1/projects/-/locations/us/publishers/x/models/m:y',
      `${OWN}/us/publishers/x/models/m:y`,
      'us',
    ],
    [
      '/projects/-/locations/global/endpoints/1:predict',
      `${OWN}/global/endpoints/1:predict`,
      'global',
    ],
    [
      '/v1beta1/projects/-/locations/eu/cachedContents',
      '/v1beta1/projects/my-project/locations/eu/cachedContents',
      'eu',
    ],
    ['/v1/projects/my%2Dproject/locations/us/models', `${OWN}/us/models`, 'us'],
    [
      '/v1/publishers/google/models/m:generateContent',
      `${OWN}/europe-west1/publishers/google/models/m:generateContent`,
      'europe-west1',
    ],
    [
      '/publishers/anthropic/models/claude-opus-4-5@20251101:rawPredict',
      `${OWN}/europe-west1/publishers/anthropic/models/claude-opus-4-5@20251101:rawPredict`,
      'europe-west1',
    ],
    [
      '/v1beta1/publishers/google/models/m%2Dx:countTokens',
      '/v1beta1/projects/my-project/locations/europe-west1/publishers/google/models/m%2Dx:countTokens',
      'europe-west1',
    ],
  ])('%s', (path, expected, location) => {
    expect(resolve(path)).toEqual({ path: expected, location })
  })

  test('whose id is encoded once', () => {
    const path = '/v1/projects/example.com%3Aold/locations/us/models'
    expect(resolve(path, 'example.com:old')).toEqual({ path, location: 'us' })
    expect(resolve('/v1/projects/example.com:old/locations/us/models', 'example.com:old')).toEqual({
      path,
      location: 'us',
    })
  })
})

describe('#37 a native path is refused', () => {
  test.each([
    ["another organization's project", '/v1/projects/other/locations/us/models', 'project'],
    ['a project that begins like ours', '/v1/projects/my-project2/locations/us/models', 'project'],
    ['a project in other letters', '/v1/projects/MY-PROJECT/locations/us/models', 'project'],
    ['an encoded other project', '/v1/projects/%6fther/locations/us/models', 'project'],
    ['an encoded dash', '/v1/projects/%2D%2D/locations/us/models', 'project'],
    ['a location that is another host', '/v1/projects/-/locations/evil.example/models', 'location'],
    ['a location with a user', '/v1/projects/-/locations/us@evil.example/models', 'location'],
    ['a location with a port', '/v1/projects/-/locations/us:443/models', 'location'],
    ['a location with parameters', '/v1/projects/-/locations/us;x/models', 'location'],
    ['an encoded location', '/v1/projects/-/locations/us%2Dcentral1/models', 'location'],
    ['a location in capitals', '/v1/projects/-/locations/US/models', 'location'],
    ['no location', '/v1/projects/-/locations/-/models', 'location'],
    ['a pattern for a replacement', '/v1/projects/-/locations/$&/models', 'location'],
  ])('for %s', (_, path, param) => {
    expect(thrownBy(() => resolve(path))).toMatchObject({
      code: 'invalid_request',
      status: 400,
      details: { param },
    })
  })

  test.each([
    '/',
    '/v1',
    '/v1/models',
    '/v2/projects/-/locations/us/models',
    '/v1/projects/my-project',
    '/v1/projects/my-project/locations/us',
    '/v1/projects/my-project/locations/us/',
    '/v1/publishers/',
    '/v1/x/publishers/google/models/m:y',
    '/v1/folders/1/projects/-/locations/us/models',
    '/ui/projects/-/locations/us/models',
  ])('where there is nothing: %s', (path) => {
    expect(thrownBy(() => resolve(path))).toMatchObject({ code: 'not_found', status: 404 })
  })
})

const call = (model: string, wantsStream = false) => ({
  model,
  wantsStream,
  site: siteOf('my-project', 'us-east5'),
  body: {},
  headers: new Headers(),
  compat: compatNoting(),
})

describe('Claude on Vertex', () => {
  const [messages, countTokens] = googleVertexAi.services
  const models = `${OWN}/us-east5/publishers/anthropic/models`

  test.each([
    ['claude-opus-5-5', false, `${models}/claude-opus-5-5:rawPredict`],
    ['claude-opus-5-5', true, `${models}/claude-opus-5-5:streamRawPredict`],
    ['claude-opus-4-5@20251101', true, `${models}/claude-opus-4-5@20251101:streamRawPredict`],
    ['claude-x/../../y', false, `${models}/claude-x%2F..%2F..%2Fy:rawPredict`],
    ['claude-x:predict?a=b#c', false, `${models}/claude-x%3Apredict%3Fa%3Db%23c:rawPredict`],
  ])('%s, streamed %s, is at %s', (model, wantsStream, path) => {
    expect(messages?.path(call(model, wantsStream))).toBe(path)
  })

  test('takes its version in the body, and no model', () => {
    expect(messages?.edits(call('claude-opus-5-5'))).toEqual({
      remove: ['model'],
      set: { anthropic_version: 'vertex-2023-10-16' },
    })
  })

  test('counts tokens at one path, with the model in the body', () => {
    expect(countTokens?.path(call('claude-opus-5-5'))).toBe(`${models}/count-tokens:rawPredict`)
    expect(countTokens?.edits(call('claude-opus-5-5'))).toEqual({
      remove: [],
      set: { model: 'claude-opus-5-5', anthropic_version: 'vertex-2023-10-16' },
    })
  })

  test('serves no model of another family', () => {
    expect(messages?.models?.test('gemini-2.5-pro')).toBe(false)
  })
})

test.each([
  [{}, googleToken],
  [{ token: 'exchange' }, googleToken],
  [{ token: 'self_signed' }, googleSelfSigned],
])('with the settings %j proves itself in one way', (settings, auth) => {
  expect(googleVertexAi.auth(settings)).toBe(auth)
})
