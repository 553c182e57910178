/** What workerd asks of a KV namespace: values by key, in memory. */
const values = new Map()

export default {
  async fetch(request) {
    const key = decodeURIComponent(new URL(request.url).pathname.slice(1))
    if (request.method === 'PUT') {
      values.set(key, await request.arrayBuffer())
      return new Response()
    }
    if (request.method === 'DELETE') {
      values.delete(key)
      return new Response()
    }
    const value = values.get(key)
    return value === undefined ? new Response('Not found', { status: 404 }) : new Response(value)
  },
}
