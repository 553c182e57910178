/** The little of the management plane that the scripts here need. */
export interface ManagementClient {
  post(path: string, body: object): Promise<Record<string, unknown>>
  get(path: string): Promise<Record<string, unknown>>
  delete(path: string): Promise<void>
}

/** Paths are relative to `/v1/organizations`. Rejects with what the server said when it refuses. */
export function managementClient(url: string, adminToken: string): ManagementClient {
  const call = async (method: string, path: string, body?: object): Promise<Response> => {
    const response = await fetch(`${url}/v1/organizations${path}`, {
      method,
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    })
    if (response.ok) return response
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  }
  const json = async (response: Response): Promise<Record<string, unknown>> =>
    (await response.json()) as Record<string, unknown>
  return {
    post: async (path, body) => json(await call('POST', path, body)),
    get: async (path) => json(await call('GET', path)),
    delete: async (path) => void (await call('DELETE', path)),
  }
}
