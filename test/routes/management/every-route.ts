import { managementRoutes } from '../../../src/routes/management/routes.ts'
import { fakeProviders } from './client.ts'

/** Every route of the management plane, as the application itself lists them: one that is added is tested too. */
export const everyRoute: readonly { readonly method: string; readonly path: string }[] =
  managementRoutes(fakeProviders)
    .routes.filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => ({ method, path: path === '/' ? '' : path }))
