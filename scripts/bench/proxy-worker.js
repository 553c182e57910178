/** The floor: the least that a proxy can be. */
export default {
  fetch(request, env) {
    const { pathname, search } = new URL(request.url)
    return fetch(env.UPSTREAM + pathname + search, request)
  },
}
