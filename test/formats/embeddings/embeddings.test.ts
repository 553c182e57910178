import { describe, expect, test } from 'vitest'
import { compatOf } from '../../../src/core/compat.ts'
import type { EmbeddingsFormat, EmbeddingsRequest } from '../../../src/core/embeddings.ts'
import { base64OfVector } from '../../../src/core/vectors.ts'
import { cohereEmbeddings } from '../../../src/formats/bedrock-embeddings/cohere.ts'
import { titanEmbeddings } from '../../../src/formats/bedrock-embeddings/titan.ts'
import {
  decodeEmbeddingsRequest,
  encodeEmbeddingsAnswer,
} from '../../../src/formats/openai-embeddings/client.ts'
import { mistralEmbeddings } from '../../../src/formats/openai-embeddings/mistral.ts'
import {
  vertexEmbedContent,
  vertexPredict,
} from '../../../src/formats/vertex-embeddings/vertex-embeddings.ts'
import { thrownBy } from '../../thrown-by.ts'

const decoded = (body: object): EmbeddingsRequest =>
  decodeEmbeddingsRequest({ model: 'p/m', ...body })

describe("a caller's request", () => {
  test.each([
    [{ input: 'a' }, { texts: ['a'], encoding: 'float', rest: {} }],
    [
      { input: ['a', 'é'], dimensions: 3, encoding_format: 'base64', user: 'u', x: null },
      { texts: ['a', 'é'], dimensions: 3, encoding: 'base64', rest: { user: 'u' } },
    ],
  ])('%j is understood', (body, request) => {
    expect(decoded(body)).toEqual(request)
  })

  test.each([
    [{}, 'input'],
    [{ input: '' }, 'input'],
    [{ input: [] }, 'input'],
    [{ input: ['a', ''] }, 'input.1'],
    [{ input: [1, 2] }, 'input'],
    [{ input: [[1], [2]] }, 'input'],
    [{ input: ['a', 1] }, 'input'],
    [{ input: { text: 'a' } }, 'input'],
    [{ input: Array.from({ length: 2049 }, () => 'a') }, 'input'],
    [{ input: 'a', dimensions: 0 }, 'dimensions'],
    [{ input: 'a', dimensions: 1.5 }, 'dimensions'],
    [{ input: 'a', encoding_format: 'int8' }, 'encoding_format'],
  ])('%j is refused, naming %s', (body, param) => {
    expect(thrownBy(() => decoded(body))).toMatchObject({
      code: 'invalid_request',
      details: { param },
    })
  })
})

describe("the answer in OpenAI's shape", () => {
  const vectors = [
    [0.5, -1],
    [2, 0],
  ]

  test('as numbers', () => {
    const request = decoded({ input: ['a', 'b'] })
    expect(encodeEmbeddingsAnswer({ vectors, inputTokens: 3 }, request, 'm')).toEqual({
      object: 'list',
      data: [
        { object: 'embedding', index: 0, embedding: [0.5, -1] },
        { object: 'embedding', index: 1, embedding: [2, 0] },
      ],
      model: 'm',
      usage: { prompt_tokens: 3, total_tokens: 3 },
    })
  })

  test('as base64, little-endian; with no usage where none was given', () => {
    const request = decoded({ input: ['a', 'b'], encoding_format: 'base64' })
    const answer = encodeEmbeddingsAnswer({ vectors }, request, 'm')
    expect(answer['data']).toMatchObject([
      { embedding: 'AAAAPwAAgL8=' },
      { embedding: 'AAAAQAAAAAA=' },
    ])
    expect(answer).not.toHaveProperty('usage')
    const bytes = Buffer.from(base64OfVector([0.5, -1]), 'base64')
    expect([bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual([0.5, -1])
  })
})

interface Case {
  readonly format: EmbeddingsFormat
  readonly model: string
  readonly batch: number
  readonly asked: object
  readonly sent: object
  readonly warnings?: readonly string[]
  readonly answered: object
  readonly counted?: number
  readonly vectors: readonly (readonly number[])[]
  readonly tokens: number | undefined
}

const CASES: Readonly<Record<string, Case>> = {
  mistral: {
    format: mistralEmbeddings,
    model: 'mistral-embed',
    batch: 512,
    asked: { dimensions: 2, user: 'u' },
    sent: { model: 'mistral-embed', input: ['a', 'b'], output_dimension: 2 },
    warnings: ['user:dropped'],
    answered: {
      data: [
        { index: 1, embedding: [2] },
        { index: 0, embedding: [1] },
      ],
      usage: { prompt_tokens: 4 },
    },
    vectors: [[1], [2]],
    tokens: 4,
  },
  'vertex predict': {
    format: vertexPredict,
    model: 'text-embedding-005',
    batch: 250,
    asked: { dimensions: 2, task_type: 'RETRIEVAL_QUERY' },
    sent: {
      instances: [
        { content: 'a', task_type: 'RETRIEVAL_QUERY' },
        { content: 'b', task_type: 'RETRIEVAL_QUERY' },
      ],
      parameters: { outputDimensionality: 2 },
    },
    answered: {
      predictions: [
        { embeddings: { values: [1], statistics: { token_count: 1 } } },
        { embeddings: { values: [2], statistics: { token_count: 2 } } },
      ],
    },
    vectors: [[1], [2]],
    tokens: 3,
  },
  'vertex predict, which gives no counts': {
    format: vertexPredict,
    model: 'gemini-embedding-001',
    batch: 1,
    asked: {},
    sent: { instances: [{ content: 'a' }, { content: 'b' }] },
    answered: { predictions: [{ embeddings: { values: [1] } }] },
    vectors: [[1]],
    tokens: undefined,
  },
  'vertex embedContent': {
    format: vertexEmbedContent,
    model: 'gemini-embedding-2',
    batch: 1,
    asked: { dimensions: 2 },
    sent: {
      content: { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] },
      embedContentConfig: { outputDimensionality: 2 },
    },
    answered: { embedding: { values: [1] }, usageMetadata: { promptTokenCount: 2 } },
    vectors: [[1]],
    tokens: 2,
  },
  titan: {
    format: titanEmbeddings,
    model: 'amazon.titan-embed-text-v2:0',
    batch: 1,
    asked: { dimensions: 256 },
    sent: { inputText: 'a', dimensions: 256 },
    answered: { embedding: [1], inputTextTokenCount: 2 },
    vectors: [[1]],
    tokens: 2,
  },
  cohere: {
    format: cohereEmbeddings,
    model: 'cohere.embed-english-v3',
    batch: 96,
    asked: { input_type: 'search_query' },
    sent: { texts: ['a', 'b'], input_type: 'search_query' },
    answered: { embeddings: [[1], [2]] },
    counted: 5,
    vectors: [[1], [2]],
    tokens: 5,
  },
  'cohere, whose vectors come by type': {
    format: cohereEmbeddings,
    model: 'cohere.embed-v4:0',
    batch: 96,
    asked: { dimensions: 256 },
    sent: {
      texts: ['a', 'b'],
      input_type: 'search_document',
      embedding_types: ['float'],
      output_dimension: 256,
    },
    answered: { embeddings: { float: [[1]] } },
    vectors: [[1]],
    tokens: undefined,
  },
}

describe.each(Object.entries(CASES))('%s', (_, row) => {
  const warnings: string[] = []
  const compat = compatOf({
    mode: 'default',
    target: 'p/m',
    names: {},
    warn: (warning) => warnings.push(warning),
  })

  test('asks in its own way', () => {
    const request = decoded({ input: ['a', 'b'], ...row.asked })
    const sent = row.format.encodeRequest(request.texts, request, { model: row.model, compat })
    expect(sent).toEqual(row.sent)
    expect(warnings).toEqual(row.warnings ?? [])
    expect(row.format.batchSize(row.model)).toBe(row.batch)
  })

  test('reads the answer', () => {
    const embeddings = row.format.decodeAnswer({ ...row.answered }, row.counted)
    expect(embeddings.vectors).toEqual(row.vectors)
    expect(embeddings.inputTokens).toBe(row.tokens)
  })

  test.each([{}, { data: [{ embedding: 'x' }] }, { embeddings: 'x' }, { predictions: [{}] }])(
    'finds no vectors in %j',
    (answer) => {
      const read = (): number => row.format.decodeAnswer(answer, undefined).vectors.length
      let count: number
      try {
        count = read()
      } catch (error) {
        expect(error).toMatchObject({ code: 'upstream_error' })
        count = 0
      }
      expect(count).toBe(0)
    },
  )
})

test('a length that a model cannot make is refused', () => {
  const request = decoded({ input: 'a', dimensions: 3 })
  const compat = compatOf({ mode: 'default', target: 'p/m', names: {}, warn: () => undefined })
  const model = 'cohere.embed-english-v3'
  expect(
    thrownBy(() => cohereEmbeddings.encodeRequest(['a'], request, { model, compat })),
  ).toMatchObject({ code: 'unsupported_parameter', details: { param: 'dimensions' } })
})
