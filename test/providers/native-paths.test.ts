import { describe, expect, test } from 'vitest'
import { checkNativePath } from '../../src/core/native-path.ts'
import { modelOfNative } from '../../src/gateway/caller/native-model.ts'
import { privateEndpoint } from '../../src/providers/private-endpoint.ts'
import { findProvider } from '../../src/providers/registry.ts'

/** What the body of each request calls its model, whether that counts or not. */
const IN_BODY = 'in-body'
const body = new Uint8Array(new TextEncoder().encode(JSON.stringify({ model: IN_BODY })))

/** What the providers' own SDKs and documentation ask for, and the model it is for, where that is known. */
const PATHS: readonly [provider: string, path: string, model?: string][] = [
  ['openai', '/chat/completions', IN_BODY],
  ['openai', '/v1/chat/completions', IN_BODY],
  ['openai', '/v1/responses/compact', IN_BODY],
  ['openai', '/v1/embeddings', IN_BODY],
  ['openai', '/v1/images/generations', IN_BODY],
  ['openai', '/v1/audio/speech', IN_BODY],
  ['openai', '/v1/responses/resp_abc123/input_items'],
  ['openai', '/v1/responses/resp_abc123/cancel'],
  ['openai', '/v1/batches'],
  ['openai', '/v1/threads/runs'],
  ['openai', '/v1/fine_tuning/jobs'],
  ['openai', '/v1/models/ft:gpt-4o-mini:acme::AbC123'],
  ['openai', '/v1/files/file-abc/content'],
  ['azure', '/openai/deployments/my-deployment.1/chat/completions', 'my-deployment.1'],
  ['azure', '/openai/deployments/d/embeddings', 'd'],
  ['azure', '/OpenAI/Deployments/D/Chat/Completions', 'D'],
  ['azure', '/openai/deployments/d'],
  ['azure', '/models/chat/completions', IN_BODY],
  ['azure', '/openai/v1/images/generations', IN_BODY],
  ['azure', '/openai/v1/batches'],
  ['azure', '/openai/v1/files/deployments/d/x'],
  ['azure', '/openai/v1/chat/completions', IN_BODY],
  ['azure', '/openai/responses', IN_BODY],
  ['azure', '/anthropic/v1/messages', IN_BODY],
  ['anthropic', '/v1/messages', IN_BODY],
  ['anthropic', '/v1/messages/count_tokens', IN_BODY],
  ['anthropic', '/v1/messages/batches'],
  ['anthropic', '/v1/messages/batches/msgbatch_01/results'],
  ['anthropic', '/v1/models/claude-opus-5-5'],
  ['mistral', '/v1/chat/completions', IN_BODY],
  ['mistral', '/v1/fim/completions', IN_BODY],
  ['mistral', '/v1/ocr', IN_BODY],
  ['mistral', '/v1/agents/completions'],
  ['mistral', '/v1/conversations'],
  ['deepseek', '/chat/completions', IN_BODY],
  ['deepseek', '/beta/completions', IN_BODY],
  ['deepseek', '/anthropic/v1/messages', IN_BODY],
  ['deepseek', '/user/balance'],
  ['xai', '/v1/chat/completions', IN_BODY],
  ['xai', '/v1/language-models'],
  ['zai', '/chat/completions', IN_BODY],
  [
    'bedrock',
    '/model/anthropic.claude-opus-4-5-20251101-v1%3A0/converse',
    'anthropic.claude-opus-4-5-20251101-v1:0',
  ],
  [
    'bedrock',
    '/model/anthropic.claude-opus-4-5-20251101-v1:0/converse-stream',
    'anthropic.claude-opus-4-5-20251101-v1:0',
  ],
  [
    'bedrock',
    '/model/us.anthropic.claude-sonnet-4-6/invoke-with-response-stream',
    'us.anthropic.claude-sonnet-4-6',
  ],
  [
    'bedrock',
    '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabcd1234efgh/converse',
    'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd1234efgh',
  ],
  [
    'bedrock',
    '/model/arn%3Aaws-us-gov%3Abedrock%3Aus-gov-west-1%3A123456789012%3Aprovisioned-model%2Fx/invoke',
    'arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:provisioned-model/x',
  ],
  [
    'bedrock',
    '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A%3Afoundation-model%2Famazon.nova-pro-v1%3A0/invoke',
    'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0',
  ],
  [
    'bedrock',
    '/model/arn%3Aaws%3Asagemaker%3Aus-east-1%3A123456789012%3Aendpoint%2Fmy-endpoint/converse',
    'arn:aws:sagemaker:us-east-1:123456789012:endpoint/my-endpoint',
  ],
  ['bedrock', '/async-invoke'],
  ['bedrock', '/guardrail/g/version/1/apply'],
  ['bedrock', '/openai/v1/chat/completions', IN_BODY],
  ['bedrock', '/anthropic/v1/messages', IN_BODY],
  [
    'google_vertex_ai',
    '/v1/projects/my-project/locations/us-east5/publishers/anthropic/models/claude-opus-4-5@20251101:rawPredict',
    'claude-opus-4-5@20251101',
  ],
  [
    'google_vertex_ai',
    '/projects/p/locations/global/publishers/anthropic/models/claude-opus-4-5%4020251101:streamRawPredict',
    'claude-opus-4-5@20251101',
  ],
  [
    'google_vertex_ai',
    '/v1beta1/projects/p/locations/us-central1/publishers/google/models/gemini-2.5-pro:streamGenerateContent',
    'gemini-2.5-pro',
  ],
  [
    'google_vertex_ai',
    '/v1beta1/publishers/google/models/gemini-2.5-pro:generateContent',
    'gemini-2.5-pro',
  ],
  [
    'google_vertex_ai',
    '/v1/projects/p/locations/us-east5/publishers/anthropic/models/count-tokens:rawPredict',
    IN_BODY,
  ],
  [
    'google_vertex_ai',
    '/v1/projects/p/locations/us-central1/endpoints/openapi/chat/completions',
    IN_BODY,
  ],
  [
    'google_vertex_ai',
    '/v1/projects/example.com%3Aproj/locations/us/publishers/google/models/gemini-2.5-pro:countTokens',
    'gemini-2.5-pro',
  ],
]

describe('a path of an official SDK', () => {
  test.each<[string, string, string?]>([...PATHS])('of %s passes: %s', (name, path, model) => {
    const native = findProvider(name)?.native
    expect.assert(native !== undefined)
    expect(() => checkNativePath(path, native)).not.toThrow()
    expect(modelOfNative(path, { native }, body)).toBe(model)
  })
})

describe('a path of a private endpoint', () => {
  const facts = { name: 'lab', reach: 'url', auth: 'bearer', capabilities: {} } as const
  const server = privateEndpoint({
    ...facts,
    kind: 'openai-compatible',
    base_url: 'https://lab.example/v1',
  })
  const cluster = privateEndpoint({ ...facts, kind: 'edge-rag', base_url: 'https://site.example' })

  test.each([
    [server, '/v1/chat/completions', IN_BODY],
    [server, '/messages', IN_BODY],
    [server, '/rerank', IN_BODY],
    [server, '/engines/other/chat/completions', undefined],
    // What a cluster is asked, whatever it is called in the body.
    [cluster, '/edgeai/chat/completions', 'rag'],
    [cluster, '/edgeai/slm/chat/completions', 'slm'],
    [cluster, '/edgeai/documents', undefined],
  ])('%#: $1 is for $2', (upstream, path, model) => {
    expect(modelOfNative(path, upstream, body)).toBe(model)
  })
})

describe('a letter that is encoded without need', () => {
  test.each([
    ['azure', '/openai/%64eployments/d/chat/completions'],
    ['bedrock', '/%6Dodel/m/converse'],
    ['google_vertex_ai', '/v1/publishers/google/%6Dodels/m:generateContent'],
    ['openai', '/v1/%63hat/completions'],
  ])('in a path of %s is refused: %s', (name, path) => {
    expect(() => checkNativePath(path, findProvider(name)?.native)).toThrow(/as they are/)
  })
})

describe('an encoded slash', () => {
  test.each([
    ['openai', '/models/a%2Fb'],
    ['azure', '/openai/deployments/a%2Fb/chat/completions'],
    ['anthropic', '/v1/models/a%2Fb'],
    ['google_vertex_ai', '/v1/publishers/google%2Fmodels/x:generateContent'],
    ['bedrock', '/model/a%2Fb/invoke'],
    ['bedrock', '/model/arn%3Aaws%3As3%3Aus-east-1%3A1%3Aa%2Fb/invoke'],
    ['bedrock', '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aa%2F..%2F..%2Fb/invoke'],
    ['bedrock', '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aa%2Fb%3Fc/invoke'],
    ['bedrock', '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aa%252Fb/invoke'],
    ['bedrock', '/model/x%2Farn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aa/invoke'],
  ])('in a path of %s is refused where it is no ARN of a model: %s', (name, path) => {
    const native = findProvider(name)?.native
    expect.assert(native !== undefined)
    expect(() => checkNativePath(path, native)).toThrow(/path/)
  })
})
