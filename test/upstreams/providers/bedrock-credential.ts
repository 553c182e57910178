import { refuse, type Incoming, type Proof, type World } from '../provider.ts'
import { bearerOf } from '../verify-one-credential.ts'
import { verifySigV4 } from '../verify-sigv4.ts'

/** Proof by SigV4 or by a Bedrock API key, either of which may be bound to a region. */
export async function authenticateAws(request: Incoming, world: World): Promise<Proof> {
  const [, region = ''] = request.path.split('/')
  if (!/^[a-z]{2,8}(-[a-z0-9]+)+-\d+$/.test(region)) {
    refuse('not-found', `there is no host for the region "${region}"`)
  }
  const header = request.headers['authorization']
  if (header === undefined) {
    refuse('bad-credential', 'Missing Authentication Token', {
      code: 'MissingAuthenticationTokenException',
    })
  }
  if (header?.startsWith('Bearer ')) return verifyApiKey(request, world, region)
  const key = await verifySigV4(request, {
    region,
    now: world.now(),
    lookUp: (id) => world.credentials.accessKey(id),
  })
  checkRegion(key.region, region)
  const parts = [
    `SigV4 ${region}`,
    ...(key.region === 'global' ? ['global key'] : []),
    ...(key.sessionToken === undefined ? [] : ['session token']),
  ]
  return { credential: key.label, proof: parts.join(', ') }
}

function verifyApiKey(request: Incoming, world: World, region: string): Proof {
  if (request.headers['x-amz-security-token'] !== undefined) {
    refuse('bad-request', 'a session token with an API key')
  }
  const known = world.credentials.headerKey('bedrock', bearerOf(request))
  if (!known) {
    const message = 'Authentication failed: Please make sure your API Key is valid.'
    return refuse('bad-credential', message, { code: 'AccessDeniedException' })
  }
  checkRegion(known.region ?? '', region)
  const global = known.region === 'global' ? ', global key' : ''
  return { credential: known.label, proof: `Bedrock API key ${region}${global}` }
}

function checkRegion(bound: string, region: string): void {
  if (bound === 'global' || bound === region) return
  refuse('forbidden', `This credential was made for ${bound} and is not valid in ${region}.`)
}
