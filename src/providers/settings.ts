import { invalidRequest } from '../core/errors.ts'
import { isObject, type JsonObject, refuseUnknownMembers } from '../core/parse.ts'
import type { SettingsFormat } from './provider.ts'

/** Checks the settings of a provider key against its provider's format; errors name `settings.<member>`. */
export function parseSettings(format: SettingsFormat, value: unknown): JsonObject {
  if (value === undefined || value === null) return {}
  if (!isObject(value)) throw invalidRequest('settings must be an object.', 'settings')
  refuseUnknownMembers(value, Object.keys(format), 'settings')
  for (const [member, check] of Object.entries(format)) {
    if (Object.hasOwn(value, member)) check(value[member], `settings.${member}`)
  }
  return value
}

/** A setting that is one of a list. */
export function oneOf(allowed: readonly string[]) {
  return (value: unknown, param: string): void => {
    if (typeof value === 'string' && allowed.includes(value)) return
    throw invalidRequest(`${param} must be one of ${allowed.join(', ')}.`, param)
  }
}

/** A setting that matches a pattern. */
export function matching(pattern: RegExp, example: string) {
  return (value: unknown, param: string): void => {
    if (typeof value === 'string' && pattern.test(value)) return
    throw invalidRequest(`${param} must be like ${example}.`, param)
  }
}

/** Every cold request reads the settings of all keys. */
const MAX_NAMES = 100
const NAME = /^[^]{1,200}$/

/** A setting that maps names to values that match a pattern. */
export function mapTo(pattern: RegExp, example: string) {
  return (value: unknown, param: string): void => {
    if (!isObject(value)) throw invalidRequest(`${param} must be an object.`, param)
    const names = Object.keys(value)
    if (names.length > MAX_NAMES || !names.every((name) => NAME.test(name))) {
      const most = `${MAX_NAMES} names of 1 to 200 characters`
      throw invalidRequest(`${param} must have at most ${most}.`, param)
    }
    for (const target of Object.values(value)) matching(pattern, example)(target, param)
  }
}

/** A checked setting as text, or undefined where it was not set. */
export function textSetting(settings: JsonObject, member: string): string | undefined {
  const value = Object.hasOwn(settings, member) ? settings[member] : undefined
  return typeof value === 'string' ? value : undefined
}
