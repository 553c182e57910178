import { describe, expect, test } from 'vitest'
import { ERRORS, GatewayError } from '../../src/core/errors.ts'
import {
  encodeError as encodeAnthropic,
  statusOf,
} from '../../src/formats/anthropic-messages/error.ts'
import { decodeError as decodeBedrock } from '../../src/formats/bedrock-converse/error.ts'
import {
  decodeError as decodeGoogle,
  encodeError as encodeGoogle,
} from '../../src/formats/gemini/error.ts'
import {
  decodeError as decodeOpenAi,
  encodeError as encodeOpenAi,
} from '../../src/formats/openai-chat/error.ts'

const codes = Object.keys(ERRORS).filter((code): code is keyof typeof ERRORS => code in ERRORS)

describe("#40 a provider's error in an OpenAI-like shape is read", () => {
  test.each([
    [
      'OpenAI',
      '{"error":{"message":"Incorrect API key","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}',
      { message: 'Incorrect API key', type: 'invalid_request_error', code: 'invalid_api_key' },
    ],
    [
      'OpenAI, with the field at fault and no code',
      '{"error":{"message":"Unsupported","type":"invalid_request_error","param":"max_tokens","code":null}}',
      { message: 'Unsupported', type: 'invalid_request_error', param: 'max_tokens' },
    ],
    [
      'Azure, with a content filter',
      '{"error":{"message":"Filtered","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}',
      { message: 'Filtered', param: 'prompt', code: 'content_filter' },
    ],
    [
      'Azure, in front of the model',
      '{"statusCode":401,"message":"Access denied"}',
      { message: 'Access denied' },
    ],
    [
      'Mistral, flat',
      '{"object":"error","message":"Service unavailable","type":"internal","param":null,"code":"1000"}',
      { message: 'Service unavailable', type: 'internal', code: '1000' },
    ],
    [
      'Mistral, a list of faults',
      '{"detail":[{"loc":["body","temperature"],"msg":"too large","type":"value_error"},{"loc":["body","messages",0,"role"],"msg":"unknown"}]}',
      {
        message: 'temperature: too large; messages.0.role: unknown',
        param: 'temperature',
      },
    ],
    [
      'Mistral, a list of faults inside the message',
      '{"object":"error","message":{"detail":[{"loc":["body","stop"],"msg":"not a list"}]},"type":"x","code":1}',
      { message: 'stop: not a list', param: 'stop' },
    ],
    ['FastAPI, a sentence', '{"detail":"Not Found"}', { message: 'Not Found' }],
    [
      'xAI, a string',
      '{"code":"Client specified an invalid argument","error":"Incorrect API key provided"}',
      {
        message: 'Incorrect API key provided',
        code: 'Client specified an invalid argument',
      },
    ],
    ['xAI, an object', '{"error":{"message":"No such model"}}', { message: 'No such model' }],
    [
      'Z.ai, a code of digits',
      '{"error":{"code":"1302","message":"Rate limit reached"}}',
      { message: 'Rate limit reached', code: '1302' },
    ],
    [
      'Z.ai, a code that is a number',
      '{"error":{"code":1113,"message":"Insufficient balance"}}',
      { message: 'Insufficient balance', code: '1113' },
    ],
    [
      'DeepSeek',
      '{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}',
      { message: 'Insufficient Balance', type: 'unknown_error', code: 'invalid_request_error' },
    ],
    [
      'vLLM, flat',
      '{"object":"error","message":"too long","type":"BadRequestError","param":null,"code":400}',
      { message: 'too long', type: 'BadRequestError', code: '400' },
    ],
    [
      'Anthropic',
      '{"type":"error","error":{"type":"not_found_error","message":"model: x"},"request_id":"req_1"}',
      { message: 'model: x', type: 'not_found_error' },
    ],
  ])('%s', (_, body, expected) => {
    expect(decodeOpenAi(JSON.parse(body))).toEqual(expected)
  })

  test.each([
    [null],
    [undefined],
    ['<html>'],
    [[]],
    [{}],
    [{ error: null }],
    [{ error: {} }],
    [{ error: { message: 5 } }],
    [{ detail: [] }],
    [{ detail: ['x'] }],
    [{ message: {} }],
  ])('%j is none', (body) => {
    expect(decodeOpenAi(body)).toBeUndefined()
  })
})

describe("#40 Google's error is read", () => {
  const error = { code: 429, message: 'Quota exceeded', status: 'RESOURCE_EXHAUSTED', details: [] }

  test.each([
    ['as it is', { error }],
    ['as a list of one', [{ error }]],
  ])('%s', (_, body) => {
    expect(decodeGoogle(body)).toEqual({ message: 'Quota exceeded', code: 'RESOURCE_EXHAUSTED' })
  })

  test.each([
    [[]],
    [null],
    [{ error: 'invalid_grant' }],
    [{ error: { message: 'x' } }],
    [{ error: { message: 'x', type: 'invalid_request_error', status: 400 } }],
  ])('%j is none', (body) => {
    expect(decodeGoogle(body)).toBeUndefined()
  })
})

describe("#40 Amazon's error is read", () => {
  test.each([
    [{ message: 'Too many tokens' }, { message: 'Too many tokens' }],
    [{ Message: 'User is not authorized' }, { message: 'User is not authorized' }],
    [{}, undefined],
    [{ message: 1 }, undefined],
    ['x', undefined],
  ])('%j', (body, expected) => {
    expect(decodeBedrock(body)).toEqual(expected)
  })
})

describe('an error as an OpenAI client gets it', () => {
  test.each(codes)('%s', (code) => {
    const error = new GatewayError(code, 'why', { param: 'model' })
    expect(encodeOpenAi(error)).toEqual({
      error: { message: 'why', type: ERRORS[code].openaiType, code, param: 'model' },
    })
  })

  test.each([
    ['all of it', { type: 't', code: 'c' }, { type: 't', code: 'c' }],
    ['a code that is null', { code: null }, { type: 'invalid_request_error', code: null }],
    ['nothing', {}, { type: 'invalid_request_error', code: 'invalid_request' }],
  ])("keeps the upstream's own words: %s", (_, upstream, expected) => {
    const error = new GatewayError('invalid_request', 'why', { status: 422, upstream })
    expect(encodeOpenAi(error).error).toEqual({ message: 'why', param: null, ...expected })
  })
})

describe('an error as an Anthropic client gets it', () => {
  test.each(codes)('%s', (code) => {
    const { anthropicType, status } = ERRORS[code]
    const error = new GatewayError(code, 'why')
    expect(encodeAnthropic(error, 'req_1')).toEqual({
      type: 'error',
      error: { type: anthropicType, message: 'why' },
      request_id: 'req_1',
    })
    expect(statusOf(error)).toBe(code === 'upstream_overloaded' ? 529 : status)
  })

  test('has the facts that programs go by, which OpenAI has no place for', () => {
    const facts = { error_code: 'thread_not_found' }
    const error = new GatewayError('not_found', 'why', { facts })
    expect(encodeAnthropic(error, 'req_1').error).toEqual({
      type: 'not_found_error',
      message: 'why',
      details: facts,
    })
    expect(JSON.stringify(encodeOpenAi(error))).not.toContain('thread_not_found')
  })

  test.each([
    [400, 'invalid_request_error'],
    [401, 'authentication_error'],
    [402, 'billing_error'],
    [403, 'permission_error'],
    [404, 'not_found_error'],
    [413, 'request_too_large'],
    [422, 'invalid_request_error'],
    [429, 'rate_limit_error'],
  ])("with an upstream's status %d is of type %s", (status, type) => {
    const error = new GatewayError('invalid_request', 'why', { status })
    expect(encodeAnthropic(error, 'req_1').error.type).toBe(type)
    expect(statusOf(error)).toBe(status)
  })
})

describe('an error as a Google client gets it', () => {
  test.each([
    ['invalid_request', 400, 'INVALID_ARGUMENT'],
    ['rate_limited', 429, 'RESOURCE_EXHAUSTED'],
    ['upstream_overloaded', 503, 'UNAVAILABLE'],
    ['upstream_timeout', 504, 'DEADLINE_EXCEEDED'],
    ['upstream_error', 502, 'INTERNAL'],
  ] as const)('%s', (code, status, name) => {
    expect(encodeGoogle(new GatewayError(code, 'why'))).toEqual({
      error: { code: status, message: 'why', status: name },
    })
  })

  test('is read back as what it was', () => {
    const error = new GatewayError('rate_limited', 'why')
    expect(decodeGoogle(encodeGoogle(error))).toEqual({
      message: 'why',
      code: 'RESOURCE_EXHAUSTED',
    })
  })
})
