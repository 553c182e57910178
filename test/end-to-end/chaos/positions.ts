import type { Mode } from './rules.ts'
import type { Place, Surface } from './surfaces.ts'

/** A provider key of a call's organization, in the order in which it is to be tried. */
export interface KeyPlan {
  readonly place: Place
  readonly fails: boolean
}

/** Where the failure is. */
export interface Position {
  readonly name: string
  readonly keys: readonly { readonly at: 'home' | 'other'; readonly fails: boolean }[]
  /** Whether the places are the targets of a route. */
  readonly isRoute: boolean
}

export const POSITIONS: readonly Position[] = [
  { name: 'the only key', isRoute: false, keys: [{ at: 'home', fails: true }] },
  {
    name: 'the first of two keys',
    isRoute: false,
    keys: [
      { at: 'home', fails: true },
      { at: 'home', fails: false },
    ],
  },
  {
    name: 'both keys',
    isRoute: false,
    keys: [
      { at: 'home', fails: true },
      { at: 'home', fails: true },
    ],
  },
  {
    name: 'the first of two targets, in another format',
    isRoute: true,
    keys: [
      { at: 'other', fails: true },
      { at: 'home', fails: false },
    ],
  },
  {
    name: 'both targets, the second in another format',
    isRoute: true,
    keys: [
      { at: 'home', fails: true },
      { at: 'other', fails: true },
    ],
  },
]

/** The keys of one case; undefined where the surface has no such position, or cannot show the failure. */
export function keysOf(
  { keys, isRoute }: Position,
  surface: Surface,
  mode: Mode,
): readonly KeyPlan[] | undefined {
  if (isRoute && surface.other === undefined) return undefined
  if (mode.surfaces !== undefined && mode.surfaces !== surface.kind) return undefined
  if (mode.isFirst === true && keys.at(-1)?.fails === true) return undefined
  if (mode.isFirst === true && isRoute && !surface.falls) return undefined
  const { dead } = surface
  const isGone = mode.fault === 'no connection'
  if (isGone && dead === undefined) return undefined
  return keys.map(({ at, fails }) => {
    const usual = (at === 'home' ? surface.home : surface.other) ?? surface.home
    if (!isGone || dead === undefined) return { place: usual, fails }
    // Whoever is not there is not there as another deployment, either.
    const model = at === 'home' ? dead.model : `other-${dead.model}`
    return { place: fails || !isRoute ? { ...dead, model } : usual, fails }
  })
}
