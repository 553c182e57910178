import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { PORTKEY } from './serve-peer.ts'
import { WORKERD_VERSION } from './serve-workerd.ts'

export interface Report {
  readonly table: string
  readonly rounds: number
  readonly seconds: number
  readonly peer: string | undefined
}

const BEGIN = '<!-- bench: begin -->'
const END = '<!-- bench: end -->'

/** Puts the last run in the place of the one before, on a page that has a place for it. */
export function writeReport(path: string, { table, rounds, seconds, peer }: Report): void {
  const page = readFileSync(path, 'utf8')
  const from = page.indexOf(BEGIN)
  const to = page.indexOf(END)
  if (from < 0 || to < from) throw new Error(`${path} has no ${BEGIN} … ${END}.`)
  const [{ model } = { model: 'unknown' }] = cpus()
  const machine = `${cpus().length} × ${model.trim()}, Node ${process.versions.node}, workerd ${WORKERD_VERSION}`
  const about = [
    `Measured on ${new Date().toISOString().slice(0, 10)}: ${machine}.`,
    `Up to ${rounds} rounds, ${seconds} seconds.`,
    ...(peer === undefined ? [] : [`The peer is ${PORTKEY} on the same Node.`]),
  ]
  const block = `${BEGIN}\n\n${about.join(' ')}\n\n${table}\n\n`
  writeFileSync(path, page.slice(0, from) + block + page.slice(to))
}
