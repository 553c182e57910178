import { describe, expect, test } from 'vitest'
import { chooseService } from '../../../src/gateway/passage/choose-service.ts'
import { googleVertexAi } from '../../../src/providers/google-vertex-ai.ts'
import { thrownBy } from '../../thrown-by.ts'

const FORMATS = ['openai-chat', 'openai-responses', 'anthropic-messages'] as const
const at = (model: string) => ({ provider: googleVertexAi, model })

describe.each(FORMATS)('a caller of %s', (format) => {
  test.each(['gemini-2.5-flash-image', 'gemini-3-pro-image-preview', 'gemini-9-image'])(
    'is told where %s can be called, whose answers have no place here',
    (model) => {
      expect(thrownBy(() => chooseService(at(model), format, { body: {} }))).toMatchObject({
        code: 'unsupported_parameter',
        message: expect.stringContaining('/native/google_vertex_ai'),
        details: { param: 'model' },
      })
    },
  )

  test.each(['gemini-3.8-flash', 'gemini-imagery'])('reaches %s', (model) => {
    expect(chooseService(at(model), format, { body: {} }).format).toBe('gemini')
  })
})
