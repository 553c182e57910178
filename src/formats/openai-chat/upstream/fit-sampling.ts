import type { Draft, FitTarget } from './draft.ts'
import { isReasoningOff } from './fit-reasoning.ts'

/** How an answer is drawn, where it ends, and how many there are. */
export function fitSampling(body: Draft, target: FitTarget): void {
  const { profile, compat } = target
  const { when, maxTemperature, penalties } = profile.sampling
  const isFree = when === 'always' || (when === 'without-reasoning' && isReasoningOff(body))
  if (!isFree) {
    drop(body, 'temperature', 1, target)
    drop(body, 'top_p', 1, target)
  }
  if (!isFree || !penalties) {
    drop(body, 'presence_penalty', 0, target)
    drop(body, 'frequency_penalty', 0, target)
  }
  const { temperature } = body
  if (typeof temperature === 'number' && temperature > maxTemperature) {
    body['temperature'] = maxTemperature
    compat.changed('temperature', 'clamped')
  }
  fitStops(body, target)
  fitSeed(body, target)
  fitChoices(body, target)
}

/** Leaves a member out; a value that asks for what is so anyway is not worth a word. */
function drop(body: Draft, name: string, usual: number, { compat }: FitTarget): void {
  const value = body[name]
  if (value === undefined) return
  if (value !== usual && value !== null) compat.changed(name)
  delete body[name]
}

function fitStops(body: Draft, { profile, compat }: FitTarget): void {
  const { maxStops } = profile.sampling
  const { stop } = body
  const count = Array.isArray(stop) ? stop.length : Number(typeof stop === 'string')
  if (count <= maxStops) return
  if (maxStops === 0) compat.changed('stop')
  else compat.refused('stop', `it takes ${maxStops} at most.`)
  delete body['stop']
}

function fitSeed(body: Draft, { profile, compat }: FitTarget): void {
  const { seedField } = profile.sampling
  const { seed } = body
  if (seedField === 'seed' || seed === undefined) return
  delete body['seed']
  if (seed === null) return
  if (seedField === 'none') compat.changed('seed')
  else body[seedField] ??= seed
}

function fitChoices(body: Draft, { profile, compat }: FitTarget): void {
  const { n } = body
  if (profile.sampling.choices || n === undefined) return
  if (typeof n === 'number' && n > 1) compat.refused('n', 'it gives one answer at a time.')
  delete body['n']
}
