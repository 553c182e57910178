// What the pure floors may use beyond the language itself: deterministic functions of their input, the same in every
// runtime. No fetch, no crypto, no clock, no Request.
declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
  decode(bytes?: Uint8Array | ArrayBuffer, options?: { stream?: boolean }): string
}
declare class URL {
  constructor(url: string, base?: string)
  static canParse(url: string, base?: string): boolean
  readonly protocol: string
  readonly host: string
  readonly hostname: string
  readonly port: string
  readonly username: string
  readonly password: string
  readonly origin: string
  readonly pathname: string
  readonly search: string
  readonly hash: string
}
declare function atob(base64: string): string
declare function btoa(binary: string): string
