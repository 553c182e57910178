import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/core/errors.ts'
import { answerNative } from '../../../src/gateway/answer/answer-native.ts'
import { callFirstHealthy, takeTelling } from '../../../src/gateway/attempt/call-upstream.ts'
import { newTrace } from '../../../src/gateway/record/trace.ts'
import type { Target } from '../../../src/gateway/target/target.ts'
import { findProvider } from '../../../src/providers/registry.ts'
import { worldOf } from './candidate-world.ts'

const provider = findProvider('openai') ?? expect.fail()
const target = (keyId: string): Target => ({
  provider,
  keyId,
  site: { credential: { kind: 'key', apiKey: 'sk' }, settings: {}, location: '' },
})

/** A call with two keys, of which the first fails and tells most of why, and the second is refused. */
function world() {
  const { deps, released } = worldOf({ pk_1: 500, pk_2: 401 })
  const trace = newTrace('req_1')
  const prepare = ({ keyId }: Target) => ({
    method: 'POST',
    url: 'https://api.example/',
    headers: { 'x-test-key': keyId },
    body: null,
  })
  const { signal } = new AbortController()
  const targets = [target('pk_1'), target('pk_2')]
  const call = { organizationId: 'org_1', targets, prepare, signal }
  return { deps, released, trace, call }
}

describe('answers that nobody reads are let go of', () => {
  test('the one that tells most, where the last one is handed on as it came', async () => {
    const { deps, released, trace, call } = world()
    const attempt = await callFirstHealthy(call, deps, trace)
    const answer = await answerNative({ attempt, path: '/v1/models' }, deps, trace)
    expect(answer.status).toBe(401)
    expect(released).toEqual(['pk_1'])
  })

  test('the last one, where the caller is told of another', async () => {
    const { deps, released, trace, call } = world()
    const result = await callFirstHealthy(call, deps, trace)
    expect.assert(result.kind === 'failure')
    expect(takeTelling(result, deps).target.keyId).toBe('pk_1')
    expect(released).toEqual(['pk_2'])
  })

  test('those before a request that turns out wrong', async () => {
    const { deps, released, trace, call } = world()
    const prepare = (at: Target) => {
      if (at.keyId === 'pk_2') throw new GatewayError('unsupported_parameter', 'No')
      return call.prepare(at)
    }
    await expect(callFirstHealthy({ ...call, prepare }, deps, trace)).rejects.toThrow('No')
    expect(released).toEqual(['pk_1'])
  })
})
