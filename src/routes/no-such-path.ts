import { GatewayError } from '../core/errors.ts'

const OPERATION = '(?:chat/completions|responses|embeddings|models|messages)(?:/|$)'
const WITHOUT_VERSION = new RegExp(`^/(?:openai/)?${OPERATION}`)
const ANTHROPICS_TWICE = /^\/v1\/v1\/(?:messages|models)(?:\/|$)/
const VERSION_TWICE = new RegExp(`^/(?:openai/)?v1/v1/${OPERATION}`)

/** What is said of a path that nothing serves. Most often it is the base URL that an SDK was given. */
export function noSuchPath(method: string, path: string): GatewayError {
  return new GatewayError('not_found', `There is no ${method} ${path}. ${adviceOn(path)}`)
}

function adviceOn(path: string): string {
  if (WITHOUT_VERSION.test(path))
    return "The path has no /v1: with OpenAI's SDKs the base URL ends in it."
  if (ANTHROPICS_TWICE.test(path)) return "Anthropic's SDKs want a base URL without /v1."
  if (VERSION_TWICE.test(path))
    return 'It has /v1 twice: the base URL or the path is to go without.'
  return 'GET /openapi.json lists all paths.'
}
