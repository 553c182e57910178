import { expect, test } from 'vitest'
import { outgoingBody } from '../../src/tunnel/outgoing-body.ts'
import { bytesOf } from './world.ts'

test('a reading that a rewind overtook takes nothing: the next attempt has every byte, in order', async () => {
  const { readable, writable } = new IdentityTransformStream()
  const writer = writable.getWriter()
  const body = outgoingBody(readable)
  const next = async (): Promise<string> => new TextDecoder().decode(await body.read(100))

  const written = writer.write(bytesOf('one'))
  expect(await next()).toBe('one')
  await written
  const overtaken = body.read(100)
  body.rewind()
  expect(await next()).toBe('one')
  const second = next()
  void writer.write(bytesOf('two')).then(() => writer.write(bytesOf('three')))
  expect(await overtaken).toBeUndefined()
  expect([await second, await next()]).toEqual(['two', 'three'])
})
