import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Json, wholeAnswer } from './test-answers.ts'
import { startPosting, type Posting } from './test-posts.ts'

let posting: Posting
beforeAll(async () => {
  posting = await startPosting()
})
afterAll(() => posting[Symbol.asyncDispose]())

const COHERE = 'cohere.embed-v4%3A0/invoke'
const cohere = { texts: ['a', 'b'], input_type: 'search_document' }

test('Cohere embeds many texts, by type where types are asked for', async () => {
  const plain = await wholeAnswer(posting, 'bedrock', cohere, COHERE)
  expect(plain['response_type']).toBe('embeddings_floats')
  expect(plain['embeddings']).toHaveLength(2)
  const typed = { ...cohere, embedding_types: ['float'], output_dimension: 256 }
  const { embeddings } = await wholeAnswer(posting, 'bedrock', typed, COHERE)
  expect((embeddings as { float: unknown[][] }).float.map(({ length }) => length)).toEqual([
    256, 256,
  ])
})

test.each([
  ['no purpose', { texts: ['a'] }],
  ['too many texts', { ...cohere, texts: Array.from({ length: 97 }, () => 'a') }],
  ["Titan's field", { ...cohere, inputText: 'a' }],
])('Cohere refuses %s', async (_, body) => {
  expect((await posting.post('bedrock', body, COHERE)).status).toBe(400)
})

const content = { parts: [{ text: 'hello' }] }
const NEW = 'google/models/gemini-embedding-2:embedContent'

test("Google's newer models embed one content, and are not predicted with", async () => {
  const body = { content, embedContentConfig: { outputDimensionality: 4 } }
  const { embedding } = await wholeAnswer(posting, 'google_vertex_ai', body, NEW)
  expect((embedding as Json)['values']).toHaveLength(4)
  const instances = [{ content: 'a' }, { content: 'b' }]
  const predict = async (model: string) =>
    (await posting.post('google_vertex_ai', { instances }, `google/models/${model}:predict`)).status
  expect(await predict('gemini-embedding-2')).toBe(400)
  expect(await predict('gemini-embedding-001')).toBe(400)
  expect(await predict('text-embedding-005')).toBe(200)
})
