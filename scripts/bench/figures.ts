import { median } from './statistics.ts'

/** One row of the table. */
export interface Figure {
  readonly case: string
  readonly metric: string
  /** The upstream without anything before it. */
  readonly alone?: number
  readonly floor: number
  readonly keyway: number
  readonly peer?: number
  /** Of Keyway to the floor: the median of the rounds' ratios. */
  readonly ratio: number
  /** The least and the greatest of them. */
  readonly spread: readonly [number, number]
  readonly targets?: readonly Target[]
}

/** What a figure is held to, in words, and whether it kept it. */
export interface Target {
  readonly text: string
  readonly isMet: boolean
}

/** The values of each round, by what was measured. */
export interface Rounds {
  readonly alone?: readonly number[]
  readonly floor: readonly number[]
  readonly keyway: readonly number[]
  readonly peer?: readonly number[]
}

/** Medians, and the ratio with its spread. Rounds are compared with themselves: what slows one slows both sides. */
export function figureOf(
  name: string,
  metric: string,
  { alone = [], floor, keyway, peer = [] }: Rounds,
): Figure {
  const ratios = keyway.map((value, round) => value / (floor[round] ?? value))
  return {
    case: name,
    metric,
    ...(alone.length === 0 ? {} : { alone: median(alone) }),
    floor: median(floor),
    keyway: median(keyway),
    ...(peer.length === 0 ? {} : { peer: median(peer) }),
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
  }
}

/** Not more than so many times the floor. */
export function timesFloor(most: number, { ratio }: Figure): Target {
  return { text: `≤ ${most}×`, isMet: ratio <= most }
}

/** Not more than so many milliseconds behind the floor. */
export function behindFloor(mostMs: number, { keyway, floor }: Figure): Target {
  return { text: `≤ floor + ${mostMs} ms`, isMet: keyway - floor <= mostMs }
}

/** Not more than such a part of the peer. */
export function partOfPeer(most: number, { keyway, peer = 0 }: Figure): Target {
  const part = keyway / peer
  return { text: `${part.toFixed(2)} of peer, ≤ ${most}`, isMet: part <= most }
}

/** For programs: what was promised, and nothing else. */
export function jsonOf(figures: readonly Figure[]): string {
  return JSON.stringify({
    cases: figures.map(({ case: name, metric, floor, keyway, peer, ratio, spread }) => ({
      case: name,
      metric,
      floor,
      keyway,
      ...(peer === undefined ? {} : { peer }),
      ratio,
      spread,
    })),
  })
}

/** For people: a table in Markdown. */
export function tableOf(figures: readonly Figure[]): string {
  const hasPeer = figures.some(({ peer }) => peer !== undefined)
  const names = ['case', 'metric', 'alone', 'floor', 'Keyway', ...(hasPeer ? ['peer'] : [])]
  const heads = [...names, 'ratio', 'spread', 'target']
  const rows = figures.map((figure) => {
    const { case: name, metric, alone, floor, keyway, peer, ratio, spread, targets = [] } = figure
    return [
      name,
      metric,
      numberText(alone),
      numberText(floor),
      numberText(keyway),
      ...(hasPeer ? [numberText(peer)] : []),
      ratio.toFixed(2),
      spread.map((one) => one.toFixed(2)).join('–'),
      targets.map(({ text, isMet }) => `${text} ${isMet ? 'met' : '**missed**'}`).join('; '),
    ]
  })
  return [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

function numberText(value: number | undefined): string {
  if (value === undefined) return ''
  return Math.abs(value) < 100 ? value.toPrecision(3) : Math.round(value).toString()
}
