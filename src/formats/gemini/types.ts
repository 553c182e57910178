import type { JsonObject } from '../../core/parse.ts'

/** Requests as Google takes them: https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/Content */

export type Content = {
  readonly role: 'user' | 'model'
  readonly parts: readonly Part[]
}

export type Part = SpokenPart | MediaPart | CallPart | ResponsePart

export type SpokenPart = {
  readonly text: string
  readonly thought?: true
  readonly thoughtSignature?: string
}

export type MediaPart =
  | { readonly inlineData: { readonly mimeType: string; readonly data: string } }
  | { readonly fileData: { readonly mimeType: string; readonly fileUri: string } }

export type CallPart = {
  readonly functionCall: {
    readonly id?: string
    readonly name: string
    readonly args: JsonObject
  }
  readonly thoughtSignature?: string
}

export type ResponsePart = {
  readonly functionResponse: {
    readonly id?: string
    readonly name: string
    readonly response: JsonObject
    readonly parts?: readonly MediaPart[]
  }
}
