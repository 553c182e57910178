import type * as z from 'zod/mini'
import type { ErrorCode } from '../../core/errors.ts'

/** One operation, as the document describes it. */
export interface Operation {
  readonly method: 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete' | 'options'
  /** With parameters as `{name}`. */
  readonly path: string
  readonly summary: string
  readonly tag: string
  /** Who may call: an application, a manager, a connector, or anyone. */
  readonly security: 'api-key' | 'management' | 'connector' | 'none'
  /** The schema that validates the body, or a description of one that an upstream validates. */
  readonly request?: z.ZodMiniType | JsonSchema
  /** Everything in the body has a default: it may be left out. */
  readonly isBodyOptional?: boolean
  readonly query?: readonly Parameter[]
  readonly headers?: readonly Parameter[]
  readonly answer: Answer
  readonly errors: readonly ErrorCode[]
}

export type JsonSchema = Readonly<Record<string, unknown>>

export const text: JsonSchema = { type: 'string' }

export interface Answer {
  readonly status: 101 | 200 | 201 | 204
  readonly description: string
  readonly schema?: z.ZodMiniType | JsonSchema
  readonly headers?: readonly Parameter[]
  /** Another type that the same can be asked for in, beside JSON. */
  readonly otherType?: string
}

export interface Parameter {
  readonly name: string
  readonly description: string
  readonly schema: JsonSchema
}

export const time: JsonSchema = { type: 'string', format: 'date-time' }

export const REQUEST_ID: Parameter = {
  name: 'x-keyway-request-id',
  description: 'The id of the request, on every answer.',
  schema: text,
}

export const UPSTREAM_REQUEST_ID: Parameter = {
  name: 'x-keyway-upstream-request-id',
  description: "The provider's own id of the request, where it was asked.",
  schema: text,
}
