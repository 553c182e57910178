import { describe, expect, test } from 'vitest'
import { API_KEY_PREFIX } from '../../src/core/api-key-format.ts'
import { ERRORS } from '../../src/core/errors.ts'
import { headerSnapshot } from '../../src/gateway/caller/header-values.ts'
import { readApiKey } from '../../src/gateway/caller/read-api-key.ts'
import { providers } from '../../src/providers/registry.ts'
import { dataPlaneOperations } from '../../src/routes/openapi/data-plane.ts'
import { openApiDocument } from '../../src/routes/openapi/document.ts'
import { codeIn, pageNamed, tableIn } from './page.ts'
import { SIZES } from './sizes.ts'

const page = pageNamed('api.md')

const chat = dataPlaneOperations.find(({ path }) => path === '/v1/chat/completions')

test('the paths are those that are routed; `/openai/v1` is said to be the same as `/v1`', () => {
  const told = codeIn(
    tableIn(page, '| surface |')
      .map(([, paths]) => paths)
      .join(' '),
  ).filter((code) => /^[A-Z]+ \//.test(code))
  const routed = dataPlaneOperations
    .filter(({ path }) => !path.startsWith('/openai/v1/'))
    .map(
      ({ method, path }) =>
        (path.startsWith('/native/') ? 'ANY' : method.toUpperCase()) + ` ${path}`,
    )
  expect(told.toSorted()).toEqual([...new Set(routed)].toSorted())
})

test('a key is found in every header that is named', () => {
  const names = codeIn(
    tableIn(page, '| place |')
      .map(([place]) => place)
      .join(' '),
  ).filter((name) => !name.startsWith('?'))
  expect(names).toHaveLength(5)
  for (const name of names) {
    const headers = new Headers({ [name]: `${API_KEY_PREFIX}malformed` })
    expect(() => readApiKey(headerSnapshot(headers)), name).toThrow(/malformed/)
  }
})

test('the names that tell their provider are those that do', () => {
  const told = tableIn(page, '| names that tell |').map(([names = '', provider = '']) => [
    codeIn(provider)[0],
    codeIn(names).map((name) => name.replace(/\*$/, '').replace('{digit}', String.raw`\d`)),
  ])
  const known = providers.flatMap(({ name, families }) => {
    if (families === undefined) return []
    const [, some, end] = /^\^(?:\(\?:(.*)\))?(.*)$/.exec(families.source) ?? []
    return [[name, (some ?? '').split('|').map((begin) => `${begin}${end}`)]]
  })
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(known))
})

describe('headers', () => {
  const namesIn = (head: string): readonly string[] =>
    tableIn(page.slice(page.indexOf(head)), '| header |').flatMap(([names = '']) => codeIn(names))

  test('of a request are those that are read', () => {
    expect(namesIn('## Headers of a request')).toEqual(chat?.headers?.map(({ name }) => name))
  })

  test('of an answer are those that the OpenAPI document tells of', () => {
    const document = openApiDocument(dataPlaneOperations) as {
      paths: Record<string, Record<string, { responses: Record<string, { headers?: object }> }>>
    }
    const { responses = {} } = document.paths['/v1/chat/completions']?.['post'] ?? {}
    const told = Object.values(responses).flatMap(({ headers = {} }) => Object.keys(headers))
    expect(namesIn('## Headers of an answer').toSorted()).toEqual([...new Set(told)].toSorted())
  })
})

test('the errors are those that there are, each with its status, its types and whether to try again', () => {
  const told = tableIn(page, '| code |').map(
    ([code = '', status, openai = '', anthropic = '', again]) => [
      codeIn(code)[0],
      {
        status: Number(status),
        openaiType: codeIn(openai)[0],
        anthropicType: codeIn(anthropic)[0],
        retryable: again === 'yes',
      },
    ],
  )
  expect(told).toHaveLength(Object.keys(ERRORS).length)
  expect(Object.fromEntries(told)).toEqual(ERRORS)
})

describe('sizes', () => {
  const told = tableIn(page, '| what |')

  test('are all held to what is accepted', () => {
    expect(told.map(([what]) => what)).toEqual([...SIZES.keys()])
  })

  test.each(told)('%s: from %s to %s', async (what = '', least = '', most = '') => {
    const accepts = SIZES.get(what) ?? expect.fail('nobody knows how to try it')
    const [from, to] = [least, most].map(amountOf)
    expect(await accepts(to ?? 0), 'the most').toBe(true)
    expect(await accepts((to ?? 0) + 1), 'one more').toBe(false)
    if (least === '') return
    expect(await accepts(from ?? 0), 'the least').toBe(true)
    expect(await accepts((from ?? 0) - 1), 'one less').toBe(false)
  })
})

function amountOf(text: string): number {
  const [amount = '', unit] = text.split(' ')
  return Number(amount.replaceAll(',', '')) * (unit === 'MiB' ? 1024 * 1024 : 1)
}
