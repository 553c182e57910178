import { GatewayError, invalidRequest } from '../../core/errors.ts'
import { isObject, type JsonObject } from '../../core/parse.ts'
import type { HeaderValues } from './header-values.ts'
import { type BodySource, readBodyText } from './read-body.ts'

/** What the gateway must know of a body; everything else in it is for the upstream. */
export interface ModelCall {
  /** The body as it came. */
  readonly text: string
  /** The same, read. */
  readonly body: JsonObject
  /** The model that the caller named, in the path or in the body. */
  readonly model: string
  readonly modelInBody: string | undefined
  readonly wantsStream: boolean
}

const MAX_MODEL_CHARACTERS = 400

/** Reads and checks the body of a call; throws `invalid_json` or `invalid_request` naming the field. */
export async function readModelCall(
  request: BodySource,
  headers: HeaderValues,
  modelInPath?: string,
): Promise<ModelCall> {
  if ((headers.get('content-encoding') ?? 'identity') !== 'identity') {
    throw invalidRequest('Send the body as plain JSON, not encoded.', 'content-encoding')
  }
  const text = await readBodyText(request, headers)
  const body = parseObject(text)
  const { model: modelInBody, stream } = body
  const model = modelInPath ?? modelInBody
  if (model === undefined) throw invalidRequest('model is missing.', 'model')
  if (typeof model !== 'string' || model === '' || !isSendable(model)) {
    throw invalidRequest('model must be a string that names a model.', 'model')
  }
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') {
    throw invalidRequest('stream must be true or false.', 'stream')
  }
  return {
    text,
    body,
    model,
    modelInBody: typeof modelInBody === 'string' ? modelInBody : undefined,
    wantsStream: stream === true,
  }
}

/** A lone half of a surrogate pair cannot be encoded in a path. */
function isSendable(model: string): boolean {
  return model.length <= MAX_MODEL_CHARACTERS && model.isWellFormed()
}

/** The runtime's own message quotes the body, so it is not passed on. */
function parseObject(text: string): JsonObject {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    const what = text.trim() === '' ? 'empty' : 'not valid JSON'
    throw new GatewayError('invalid_json', `The request body is ${what}.`)
  }
  if (isObject(body)) return body
  throw invalidRequest('The request body must be a JSON object.')
}
