import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import { timingSafeEqual } from 'node:crypto'
import type { AccessKey } from './credentials.ts'
import { refuse } from './provider.ts'

const MAX_SKEW_MS = 5 * 60 * 1000
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/\s,]+)\/(\d{8})\/([^/\s,]+)\/([^/\s,]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/

/** What was received, exactly. */
export interface SignedRequest {
  method: string
  path: string
  query: string
  headers: Readonly<Record<string, string>>
  body: Uint8Array
}

/** What the verifier must know to judge. */
export interface SigV4Expectation {
  region: string
  now: number
  lookUp: (accessKeyId: string) => AccessKey | undefined
}

/** Recomputes the signature over what was received. Returns whose it is, or refuses in AWS's words. */
export async function verifySigV4(
  request: SignedRequest,
  { region, now, lookUp }: SigV4Expectation,
): Promise<AccessKey> {
  const claim = readAuthorization(request.headers['authorization'] ?? '')
  if (claim.service !== 'bedrock') {
    invalidSignature(`Credential should be scoped to correct service: 'bedrock'.`)
  }
  if (claim.region !== region) invalidSignature('Credential should be scoped to a valid region.')
  const accessKey = lookUp(claim.accessKeyId)
  if (!accessKey) {
    return refuse('bad-credential', 'The security token included in the request is invalid.', {
      code: 'UnrecognizedClientException',
    })
  }
  const signedAt = checkDate(request.headers['x-amz-date'] ?? '', claim.day, now)
  checkSessionToken(request, accessKey)
  checkSignedHeaders(request, claim.signedHeaders)
  await checkPayloadHash(request)
  const expected = await signatureOf(request, { claim, accessKey, signedAt })
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(claim.signature))) {
    invalidSignature(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    )
  }
  return accessKey
}

interface Claim {
  accessKeyId: string
  day: string
  region: string
  service: string
  signedHeaders: string[]
  signature: string
}

function readAuthorization(header: string): Claim {
  const match = AUTHORIZATION.exec(header)
  if (!match) {
    return refuse(
      'bad-credential',
      'Authorization header is not a complete AWS4-HMAC-SHA256 one.',
      {
        code: 'IncompleteSignatureException',
      },
    )
  }
  const [, accessKeyId = '', day = '', region = '', service = '', names = '', signature = ''] =
    match
  return { accessKeyId, day, region, service, signedHeaders: names.split(';'), signature }
}

function checkDate(longDate: string, day: string, now: number): Date {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(longDate)
  if (!parts) return invalidSignature('x-amz-date is missing or is not an ISO 8601 basic date.')
  const [, year, month, date, hours, minutes, seconds] = parts
  const signedAt = new Date(`${year}-${month}-${date}T${hours}:${minutes}:${seconds}Z`)
  if (!longDate.startsWith(day))
    invalidSignature('Date in Credential scope does not match X-Amz-Date.')
  const age = now - signedAt.getTime()
  if (age > MAX_SKEW_MS)
    invalidSignature(`Signature expired: ${longDate} is now earlier than the limit.`)
  if (age < -MAX_SKEW_MS) {
    invalidSignature(`Signature not yet current: ${longDate} is still later than the limit.`)
  }
  return signedAt
}

function checkSessionToken(request: SignedRequest, accessKey: AccessKey): void {
  const token = request.headers['x-amz-security-token']
  if (token === accessKey.sessionToken) return
  const problem =
    accessKey.sessionToken === undefined
      ? 'a session token with a long-term key'
      : token === undefined
        ? 'no session token'
        : 'another session token'
  refuse(
    accessKey.sessionToken === undefined ? 'bad-request' : 'bad-credential',
    `The security token included in the request is invalid: ${problem}.`,
    { code: 'UnrecognizedClientException' },
  )
}

function checkSignedHeaders(request: SignedRequest, signed: string[]): void {
  const mustSign = Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'))
  for (const name of ['host', ...mustSign]) {
    if (!signed.includes(name)) {
      invalidSignature(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`)
    }
  }
  for (const name of signed) {
    if (request.headers[name] === undefined) invalidSignature(`signed header '${name}' is missing.`)
    // Whatever a proxy may add, drop or rewrite on the way breaks the signature.
    if (
      /^(connection|te|transfer-encoding|user-agent|cf-.*|x-forwarded-.*|traceparent)$/.test(name)
    ) {
      invalidSignature(`'${name}' does not survive the way here and must not be signed.`)
    }
  }
  if (signed.join(';') !== signed.toSorted().join(';')) {
    invalidSignature('SignedHeaders are not sorted.')
  }
}

async function checkPayloadHash(request: SignedRequest): Promise<void> {
  const claimed = request.headers['x-amz-content-sha256']
  if (claimed === undefined) return
  const hash = new Sha256()
  hash.update(request.body)
  const actual = Buffer.from(await hash.digest()).toString('hex')
  if (claimed !== actual) invalidSignature('x-amz-content-sha256 is not the hash of the body.')
}

async function signatureOf(
  request: SignedRequest,
  { claim, accessKey, signedAt }: { claim: Claim; accessKey: AccessKey; signedAt: Date },
): Promise<string> {
  const { secretAccessKey, sessionToken } = accessKey
  const signer = new SignatureV4({
    service: claim.service,
    region: claim.region,
    sha256: Sha256,
    // The hash of the body counts as a header only where it was sent as one.
    applyChecksum: false,
    credentials: {
      accessKeyId: claim.accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
    },
  })
  const headers = Object.fromEntries(
    claim.signedHeaders.map((name) => [name, request.headers[name] ?? '']),
  )
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: 'https:',
      hostname: headers['host'] ?? '',
      path: request.path,
      query: parseQuery(request.query),
      headers,
      body: request.body,
    },
    { signingDate: signedAt, signableHeaders: new Set(claim.signedHeaders) },
  )
  return readAuthorization(signed.headers['authorization'] ?? '').signature
}

function parseQuery(query: string): Record<string, string | string[]> {
  const parsed: Record<string, string[]> = {}
  for (const [name, value] of new URLSearchParams(query)) (parsed[name] ??= []).push(value)
  return parsed
}

function invalidSignature(message: string): never {
  return refuse('bad-credential', message, { code: 'InvalidSignatureException' })
}
