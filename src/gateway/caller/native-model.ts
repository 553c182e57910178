import { isObject, tryParseJson } from '../../core/parse.ts'
import type { Upstream } from '../../providers/provider.ts'
import { requireOneModel } from './require-one-model.ts'

/** What a native request brings; bytes where it had to be read. */
export type NativeBody = Uint8Array<ArrayBuffer> | ReadableStream | null

/**
 * The model that a native request is for, as its provider will read it; undefined where that is not known. A `model` in a
 * body that the path does not read says nothing.
 */
export function modelOfNative(
  path: string,
  { native }: Pick<Upstream, 'native'>,
  body: NativeBody,
): string | undefined {
  for (const [pattern, place] of native.modelIn) {
    const found = pattern.exec(path)
    if (found === null) continue
    if (place === 'body') return modelInBody(body)
    return place === 'path' ? decodeURIComponent(found[1] ?? '') : place.is
  }
  return undefined
}

function modelInBody(body: NativeBody): string | undefined {
  if (!(body instanceof Uint8Array)) return undefined
  const text = new TextDecoder().decode(body)
  const json = tryParseJson(text)
  if (!isObject(json) || typeof json['model'] !== 'string') return undefined
  requireOneModel(text)
  return json['model']
}
