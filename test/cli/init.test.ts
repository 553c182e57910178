import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { newFolder, runKeyway } from './run-keyway.ts'

const FILES = ['.dev.vars', '.env.production']
const read = (folder: string): string[] =>
  FILES.map((file) => readFileSync(join(folder, file), 'utf8'))
const line = (name: string, text = ''): string =>
  new RegExp(`^${name}="(.*)"$`, 'm').exec(text)?.[1] ?? ''

describe('keyway init', () => {
  test('makes secrets that differ, which only their owner can read, and says what is next', async () => {
    const folder = newFolder()
    const { exitCode, stdout } = await runKeyway(['init'], { folder })
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringContaining('npm run deploy -- --secrets-file'),
    ])
    expect(readdirSync(folder).toSorted()).toEqual(FILES)
    for (const file of FILES) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
    const tokens = read(folder).map((text) => line('ADMIN_TOKEN', text))
    expect(new Set(tokens).size).toBe(2)
    for (const text of read(folder)) {
      const [, key = ''] = line('MASTER_KEYS', text).split(':')
      expect(Buffer.from(key, 'base64')).toHaveLength(32)
      expect(stdout).not.toContain(line('ADMIN_TOKEN', text))
    }
  })

  test('never overwrites', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, '.dev.vars'), 'mine')
    const { exitCode, stdout } = await runKeyway(['init'], { folder })
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('Kept .dev.vars')])
    const before = read(folder)
    expect(before[0]).toBe('mine')
    await runKeyway(['init', '--json'], { folder })
    expect(read(folder)).toEqual(before)
  })

  test('--force renews, and keeps the old master keys and every other line', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, '.dev.vars'), 'ADMIN_TOKEN=old\nMASTER_KEYS=k1:AAAA\nBYOK_X="y"\n')
    const { json } = await runKeyway(['init', '--force', '--json'], { folder })
    expect(json()).toEqual({
      files: [
        { name: '.dev.vars', did: 'renewed' },
        { name: '.env.production', did: 'made' },
      ],
    })
    const [text = ''] = read(folder)
    expect(text).not.toContain('ADMIN_TOKEN=old')
    expect(line('MASTER_KEYS', text)).toMatch(/^k\d{8}[0-9a-f]{4}:[^,]{44},k1:AAAA$/)
    expect(line('BYOK_X', text)).toBe('y')
    expect(statSync(join(folder, '.dev.vars')).mode & 0o777).toBe(0o600)
  })
})

describe('the launcher', () => {
  const pretend = (version: string): string[] => [
    '--import',
    `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'${version}'}})`,
  ]

  test('hands over to the Node of the project when the machine has an old one', async () => {
    const { exitCode, stdout } = await runKeyway(['--version'], { node: pretend('20.11.0') })
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)])
  })

  test('hands on how it ended, and standard input', async () => {
    const env = { KEYWAY_TOKEN: 'x' }
    const options = { node: pretend('20.11.0'), env, input: 'no: [yaml' }
    const { exitCode, stderr } = await runKeyway(['apply', '-f', '-'], options)
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('is not YAML at line 1')])
  })
})
