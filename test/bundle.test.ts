import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { carelessBundle } from '../scripts/bench/careless-bundle.ts'
import { BUNDLE, MOST_KIB } from '../scripts/run-worker.ts'

const KIB = 1024

test('the bundle stays small: a cold start parses all of it', () => {
  const bundle = readFileSync(BUNDLE)
  expect(bundle.length).toBeGreaterThan(50 * KIB)
  expect(bundle.length).toBeLessThanOrEqual(MOST_KIB.raw * KIB)
  expect(gzipSync(bundle).length).toBeLessThanOrEqual(MOST_KIB.gzip * KIB)
})

test('the bundle that the benchmarks compare it with can be made, and is smaller', async () => {
  const careless = await carelessBundle()
  expect(careless.length).toBeGreaterThan(50 * KIB)
  expect(careless.length).toBeLessThan(readFileSync(BUNDLE).length)
})
