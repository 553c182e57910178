/** How long an upstream asks to be left alone, in whole seconds; undefined where it does not say. */
export function retryAfterOf(headers: Pick<Headers, 'get'> | undefined): number | undefined {
  const milliseconds = Number(headers?.get('retry-after-ms') ?? Number.NaN)
  if (milliseconds > 0) return Math.ceil(milliseconds / 1000)
  const seconds = Number(headers?.get('retry-after') ?? Number.NaN)
  return seconds > 0 ? Math.ceil(seconds) : undefined
}
