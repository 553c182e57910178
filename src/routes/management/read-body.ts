import * as z from 'zod/mini'
import { GatewayError, invalidRequest } from '../../core/errors.ts'
import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'
import { fieldError } from './field-error.ts'

const MAX_BODY_BYTES = 1024 * 1024

/** The body as the schema describes it; anything else is a 400 that names the field and never says its value. */
export async function readBody<Schema extends z.ZodMiniType>(
  request: Request,
  schema: Schema,
): Promise<z.output<Schema>> {
  return checked(schema, await readJsonObject(request))
}

/** The same where nothing needs to be sent: a request without a body is one with an empty object. */
export async function readOptionalBody<Schema extends z.ZodMiniType>(
  request: Request,
  schema: Schema,
): Promise<z.output<Schema>> {
  const text = await readText(request)
  return checked(schema, text === '' ? {} : objectOf(text))
}

/** An object as the schema describes it; anything else is a 400 that names the field and never says its value. */
export function checked<Schema extends z.ZodMiniType>(
  schema: Schema,
  object: JsonObject,
): z.output<Schema> {
  const result = z.safeParse(schema, object)
  if (result.success) return result.data
  throw fieldError(result.error.issues, object)
}

async function readJsonObject(request: Request): Promise<JsonObject> {
  return objectOf(await readText(request))
}

function objectOf(text: string): JsonObject {
  const body = tryParseJson(text)
  if (body === undefined) throw new GatewayError('invalid_json', 'The body must be JSON.')
  if (!isObject(body)) throw invalidRequest('The body must be a JSON object.')
  return body
}

/** The text of a body of at most 1 MiB. */
export async function readText(request: Request): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  let text = ''
  let bytes = 0
  try {
    for await (const chunk of request.body ?? []) {
      bytes += chunk.byteLength
      if (bytes > MAX_BODY_BYTES) break
      text += decoder.decode(chunk, { stream: true })
    }
    if (bytes <= MAX_BODY_BYTES) return text + decoder.decode()
  } catch {
    throw new GatewayError('invalid_json', 'The body must be JSON in UTF-8.')
  }
  throw new GatewayError('request_too_large', 'The request body is larger than 1 MiB.')
}
