import { describe, expect, test } from 'vitest'
import { type Compat, COMPAT_MODES, type CompatMode, compatOf } from '../../src/core/compat.ts'
import { thrownBy } from '../thrown-by.ts'

function report(mode: CompatMode, work: (compat: Compat) => void) {
  const warnings: string[] = []
  const names = { max_tokens: 'max_output_tokens' }
  const compat = compatOf({
    mode,
    target: 'acme/model-1',
    names,
    warn: (warning) => warnings.push(warning),
  })
  return { error: thrownBy(() => work(compat)), warnings }
}

const refusal = (param: string, message: string) => ({
  code: 'unsupported_parameter',
  status: 400,
  message,
  details: { param },
})

describe('a wish that the answer can do without', () => {
  test.each(COMPAT_MODES.filter((mode) => mode !== 'strict'))('is a warning: %s', (mode) => {
    expect(report(mode, (compat) => compat.changed('seed'))).toEqual({
      error: undefined,
      warnings: ['seed:dropped'],
    })
  })

  test('says how it was changed, in the caller’s word for it', () => {
    expect(report('default', (compat) => compat.changed('max_tokens', 'lowered')).warnings).toEqual(
      ['max_output_tokens:lowered'],
    )
  })

  test('is refused where the caller is strict', () => {
    const { error, warnings } = report('strict', (compat) =>
      compat.changed('max_tokens', 'lowered'),
    )
    expect(error).toMatchObject(
      refusal(
        'max_output_tokens',
        'acme/model-1 cannot take max_output_tokens: it would be lowered, and x-keyway-compat is strict.',
      ),
    )
    expect(warnings).toEqual([])
  })
})

describe('what the request would mean something else without', () => {
  test.each(COMPAT_MODES.filter((mode) => mode !== 'lenient'))('is refused: %s', (mode) => {
    const { error, warnings } = report(mode, (compat) => compat.refused('n', 'one answer only.'))
    expect(error).toMatchObject(refusal('n', 'acme/model-1 cannot take n: one answer only.'))
    expect(warnings).toEqual([])
  })

  test('is a warning where the caller is lenient', () => {
    expect(report('lenient', (compat) => compat.refused('max_tokens', 'none.'))).toEqual({
      error: undefined,
      warnings: ['max_output_tokens:dropped'],
    })
  })
})
