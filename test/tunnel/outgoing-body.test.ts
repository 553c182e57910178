import { describe, expect, test } from 'vitest'
import { outgoingBody } from '../../src/tunnel/outgoing-body.ts'
import { bytesOf } from './world.ts'

test('a reading that a rewind overtook takes nothing: the next attempt has every byte, in order', async () => {
  const { readable, writable } = new IdentityTransformStream()
  const writer = writable.getWriter()
  const body = outgoingBody(readable, { heldBytes: 0 })
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

describe('what is kept to be sent again counts as held', () => {
  const SENT = 100_000

  /** A caller's body of which a connector that has not accepted the call has had so much. */
  async function begunBody() {
    const { readable, writable } = new IdentityTransformStream()
    const writer = writable.getWriter()
    const memory = { heldBytes: 0 }
    const body = outgoingBody(readable, memory)
    const write = async (length: number): Promise<void> => {
      void writer.write(new Uint8Array(length))
      for (let sum = 0; sum < length;) sum += (await body.read(65_536))?.length ?? 0
    }
    await write(SENT)
    return { body, memory, write }
  }

  test('from when it is read, also when it is sent again', async () => {
    const { body, memory } = await begunBody()
    expect(memory.heldBytes).toBe(SENT)
    body.rewind()
    await body.read(65_536)
    expect(memory.heldBytes).toBe(SENT)
  })

  test('until the call is accepted: what is read then is let go of as it is sent', async () => {
    const { body, memory, write } = await begunBody()
    body.settle()
    expect(memory.heldBytes).toBe(0)
    await write(SENT)
    expect(memory.heldBytes).toBe(0)
  })

  test('until so much was taken that it counts as accepted', async () => {
    const { memory, write } = await begunBody()
    await write(1024 * 1024)
    expect(memory.heldBytes).toBe(0)
  })

  test('until nobody wants the rest', async () => {
    const { body, memory } = await begunBody()
    body.cancel()
    expect(memory.heldBytes).toBe(0)
  })

  test('and what had just come when nobody wanted it any more does not', async () => {
    const memory = { heldBytes: 0 }
    let come: ((bytes: Uint8Array) => void) | undefined
    const source = new ReadableStream({
      type: 'bytes',
      start(controller) {
        come = (bytes) => controller.enqueue(bytes)
      },
    })
    const body = outgoingBody(source, memory)
    const late = body.read(65_536)
    come?.(new Uint8Array(SENT))
    body.cancel()
    expect(await late).toBeUndefined()
    expect(memory.heldBytes).toBe(0)
  })
})
