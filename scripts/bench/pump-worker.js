/** The floor for what must see a stream: the cheapest JavaScript stage that touches every chunk. */
export default {
  async fetch(request, env) {
    const { pathname, search } = new URL(request.url)
    const response = await fetch(env.UPSTREAM + pathname + search, request)
    const { readable, writable } = new IdentityTransformStream()
    pump(response.body.getReader(), writable.getWriter()).catch(() => undefined)
    return new Response(readable, response)
  },
}

async function pump(reader, writer) {
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return writer.close()
    await writer.write(value)
  }
}
