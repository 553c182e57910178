import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { BUNDLE } from '../scripts/run-worker.ts'

const KIB = 1024

test('the bundle stays small: a cold start parses all of it', () => {
  const bundle = readFileSync(BUNDLE)
  expect(bundle.length).toBeGreaterThan(50 * KIB)
  expect(bundle.length).toBeLessThanOrEqual(600 * KIB)
  expect(gzipSync(bundle).length).toBeLessThanOrEqual(200 * KIB)
})
