import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

/** The floors of the house (README, "Where things are"): a file imports its own folder or a lower floor. */
const FLOORS: Readonly<Record<string, number>> = {
  core: 0,
  formats: 1,
  limits: 1,
  streams: 1,
  tunnel: 1,
  'upstream-auth': 2,
  storage: 2,
  providers: 3,
  gateway: 4,
  routes: 5,
  'index.ts': 6,
}

/**
 * The rooms of a floor, from the lowest to the highest; a file imports its own room or a lower one. What lies in no room
 * stands above all of them, but for what all of them need.
 */
const ROOMS: Readonly<
  Record<string, { readonly order: readonly string[]; readonly for: string[] }>
> = {
  gateway: {
    order: [
      'record',
      'caller',
      'target',
      'call',
      'failure',
      'attempt',
      'passage',
      'answer',
      'probe',
    ],
    for: ['gateway/dependencies.ts'],
  },
  storage: {
    order: ['sealed', 'replica', 'use', 'organization', 'resources'],
    for: ['storage/env.ts', 'storage/is-over-within.ts'],
  },
}

const source = resolve(import.meta.dirname, '../src')
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(source, path), 'utf8') }))

const code = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|(?<![:'"])\/\/.*$/gm, '')

const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:from\s+|import\s+|import\()'([^']+)'/g)].map((match) => match[1] ?? '')

const room = (path: string): string => path.split('/')[0] ?? ''

/** `formats/{format}`, whatever folder within it. */
const formatOf = (path: string): string => path.split('/').slice(0, 2).join('/')

/** How high in its floor a file lies. */
const heightOf = (path: string): number => {
  const [floor = '', name = '', file] = path.split('/')
  const order = ROOMS[floor]?.order ?? []
  if (file === undefined) return order.length
  expect(order, `the room of ${path} has a place`).toContain(name)
  return order.indexOf(name)
}

describe('imports', () => {
  test.each(files)('$path imports its own folder or a lower floor', ({ path, text }) => {
    expect(FLOORS, `the folder of ${path} has a floor`).toHaveProperty([room(path)])
    for (const specifier of importsOf(text).filter((name) => name.startsWith('.'))) {
      const target = relative(source, resolve(source, dirname(path), specifier))
      if (room(target) === room(path)) continue
      expect(FLOORS[room(target)], `${path} imports ${target}`).toBeLessThan(
        FLOORS[room(path)] ?? -1,
      )
    }
  })

  test.each(files.filter(({ path }) => ROOMS[room(path)] !== undefined))(
    '$path imports its own room or a lower one',
    ({ path, text }) => {
      for (const specifier of importsOf(text).filter((name) => name.startsWith('.'))) {
        const target = relative(source, resolve(source, dirname(path), specifier))
        const forAll = ROOMS[room(path)]?.for ?? []
        if (room(target) !== room(path) || forAll.includes(target) || forAll.includes(path))
          continue
        expect(heightOf(target), `${path} imports ${target}`).toBeLessThanOrEqual(heightOf(path))
      }
    },
  )

  test('no format imports another', () => {
    for (const { path, text } of files.filter((file) => room(file.path) === 'formats')) {
      for (const specifier of importsOf(text).filter((name) => name.startsWith('.'))) {
        const target = relative(source, resolve(source, dirname(path), specifier))
        if (room(target) === 'formats') expect(formatOf(target), path).toBe(formatOf(path))
      }
    }
  })

  test.each([
    ['hono', /^(?:routes\/|index\.ts)/],
    ['jose', /^(?:upstream-auth\/|routes\/management\/cloudflare-access\.ts)/],
    ['cloudflare:workers', /^(?:storage|tunnel)\//],
  ])('%s is imported in its own rooms only', (name, rooms) => {
    for (const { path, text } of files.filter((file) => !rooms.test(file.path))) {
      const named = importsOf(text).filter(
        (found) => found === name || found.startsWith(`${name}/`),
      )
      expect(named, path).toEqual([])
    }
  })
})

test('the stand-ins know nothing of what they are to judge', () => {
  const upstreams = join(import.meta.dirname, 'upstreams')
  const standIns = readdirSync(upstreams, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(upstreams, path))
  expect(standIns.length).toBeGreaterThan(50)
  for (const path of standIns) {
    const imported = importsOf(readFileSync(path, 'utf8')).filter((name) => name.startsWith('.'))
    const ours = imported.filter(
      (name) => !relative(source, resolve(dirname(path), name)).startsWith('..'),
    )
    expect(ours, path).toEqual([])
  }
})

describe('knowledge lives in one room', () => {
  const PROVIDERS = new Set([
    'anthropic',
    'openai',
    'google_vertex_ai',
    'mistral',
    'deepseek',
    'xai',
    'zai',
    'bedrock',
    'azure',
  ])
  // Names of error shapes and of wire formats, which happen to be providers' names too.
  const SHAPES = /'(?:openai|anthropic)'/

  test.each(files.filter(({ path }) => room(path) !== 'providers'))(
    '$path names no provider',
    ({ path, text }) => {
      const strings = code(text).match(/'[a-z_]+'/g) ?? []
      const named = strings.filter((string) => PROVIDERS.has(string.slice(1, -1)))
      const allowed = path.startsWith('routes/') || path === 'index.ts' ? SHAPES : /(?!)/
      // Credentials are told apart by kind, and Azure's kind is called like its provider.
      const kinds = /^(?:core\/credentials|upstream-auth\/azure-endpoint)\.ts$/
      expect(named.filter((string) => !allowed.test(string) && !kinds.test(path))).toEqual([])
    },
  )

  test('only what is named here calls fetch, or hands it on', () => {
    const callers = files.filter(({ text }) => /\.fetch\(|[^.\w]fetch\(/.test(code(text)))
    expect(callers.map(({ path }) => path).toSorted()).toEqual([
      'gateway/attempt/send-patiently.ts',
      // Another application of Hono's is called by a method of that name.
      'routes/control-plane.ts',
      'routes/dependencies-of.ts',
      'routes/management/routes.ts',
      // A Durable Object is called by a method of that name.
      'tunnel/connector-object.ts',
      'tunnel/tunnel-fetch.ts',
      'upstream-auth/minted-token.ts',
    ])
  })

  test.each([
    ['KV, records and the directory', /\.(?:KEYWAY|ORGANIZATION|DIRECTORY)\b/, ['storage']],
    ['tables', /\.sql\b|\bSqlStorage\b/, ['storage']],
    ['the storage of an object', /\bctx\.storage\b|\bDurableObjectSt/, ['storage', 'tunnel']],
    // Who asks hands it on to the tunnel, which alone calls it.
    ['the objects of connectors', /\bCONNECTOR\b/, ['routes', 'storage']],
  ])('no other room touches %s', (_, touch, rooms) => {
    const touching = files.filter(({ text }) => touch.test(code(text)))
    expect([...new Set(touching.map(({ path }) => room(path)))].toSorted()).toEqual(rooms)
  })
})
