import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { tableOf, withTables } from '../../../scripts/formats-table.ts'
import { CLIENT_NAMES } from './places.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/formats.md'), 'utf8')

describe('the page about formats', () => {
  test('says what is so: node scripts/formats-table.ts --write', () => {
    expect(page).toBe(withTables(page))
  })

  test.each(CLIENT_NAMES)('has nothing from %s that is lost without a word', (client) => {
    const rows = tableOf(client).split('\n')
    expect(rows.length).toBeGreaterThan(25)
    expect(rows.filter((row) => row.includes('| lost |'))).toEqual([])
  })
})
