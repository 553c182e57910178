import { describe, expect, test } from 'vitest'
import { type ModelCall, readModelCall } from '../../../src/gateway/caller/read-model-call.ts'
import { rejectionOf } from '../../thrown-by.ts'

const request = (body: BodyInit | null): Request =>
  new Request('https://keyway.example/v1/chat/completions', { method: 'POST', body })

const read = (sent: Request, modelInPath?: string): Promise<ModelCall> =>
  readModelCall(sent, sent.headers, modelInPath)

describe('a call is understood', () => {
  test.each([
    ['{"model":"a"}', { model: 'a', modelInBody: 'a', wantsStream: false }],
    ['{"model":"a","stream":true}', { model: 'a', modelInBody: 'a', wantsStream: true }],
    ['{"model":"a","stream":false}', { model: 'a', modelInBody: 'a', wantsStream: false }],
    ['{"model":"a","stream":null}', { model: 'a', modelInBody: 'a', wantsStream: false }],
    [String.raw`{"mod\u0065l":"\u0061"}`, { model: 'a', modelInBody: 'a', wantsStream: false }],
    [
      '{"model":"first","model":"last"}',
      { model: 'last', modelInBody: 'last', wantsStream: false },
    ],
    ['{"nested":{"model":"b"},"model":"a"}', { model: 'a', modelInBody: 'a', wantsStream: false }],
  ])('%s', async (text, expected) => {
    expect(await read(request(text))).toEqual({
      text,
      body: JSON.parse(text) as unknown,
      ...expected,
    })
  })

  test('keeps the text as it came', async () => {
    const text = ' {\n"seed": 9007199254740993, "model" :"ä" }\n'
    expect((await read(request(text))).text).toBe(text)
  })

  test.each([
    ['{}', undefined],
    ['{"model":"in body"}', 'in body'],
    ['{"model":5}', undefined],
  ])('the model in the path counts, whatever %s says', async (text, modelInBody) => {
    expect(await read(request(text), 'in path')).toMatchObject({
      model: 'in path',
      modelInBody,
    })
  })
})

describe('a call is refused', () => {
  test.each([
    ['no body', null, 'invalid_json', undefined],
    ['an empty body', '', 'invalid_json', undefined],
    ['half a body', '{"model":"canary', 'invalid_json', undefined],
    ['a trailing comma', '{"model":"canary",}', 'invalid_json', undefined],
    ['a form', 'model=canary', 'invalid_json', undefined],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x7b, 0, 0x7d, 0]), 'invalid_json', undefined],
    ['a list', '["canary"]', 'invalid_request', undefined],
    ['a string', '"canary"', 'invalid_request', undefined],
    ['null', 'null', 'invalid_request', undefined],
    ['no model', '{"prompt":"canary"}', 'invalid_request', 'model'],
    ['a model that is null', '{"model":null}', 'invalid_request', 'model'],
    ['a model that is empty', '{"model":""}', 'invalid_request', 'model'],
    ['a model that is a list', '{"model":["canary"]}', 'invalid_request', 'model'],
    ['a model that is too long', `{"model":"${'x'.repeat(401)}"}`, 'invalid_request', 'model'],
    ['a model of the prototype only', '{"__proto__":{"model":"x"}}', 'invalid_request', 'model'],
    ['a stream that is text', '{"model":"a","stream":"true"}', 'invalid_request', 'stream'],
    ['a stream that is a number', '{"model":"a","stream":1}', 'invalid_request', 'stream'],
  ])('for %s', async (_, body, code, param) => {
    const error = await rejectionOf(() => read(request(body)))
    const details = param === undefined ? {} : { param }
    expect(error).toMatchObject({ code, status: 400, details })
    expect(String(error)).not.toContain('canary')
  })
})
