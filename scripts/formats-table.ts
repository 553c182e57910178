import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { GatewayError } from '../src/core/errors.ts'
import type { ClientChatFormat } from '../src/core/wire-format.ts'
import { crossOrRefuse } from '../test/formats/cross/cross.ts'
import { CLIENT_NAMES, type Place, placeOf } from '../test/formats/cross/places.ts'
import { BASES, type Probe, PROBES } from './formats-probes.ts'

/**
 * The tables of docs/formats.md, made by asking: each thing that a caller can ask is sent across, and what comes of it is
 * what the page says. `node scripts/formats-table.ts` prints them, `--write` puts them into the page.
 */
const PAGE = resolve(import.meta.dirname, '../docs/formats.md')

/** One model for each column: the newest that most callers mean. */
type Column = readonly [name: string, place: Place]
const COLUMNS: readonly Column[] = [
  ['OpenAI Chat', placeOf('openai', 'gpt-5.4', 'openai-chat')],
  ['OpenAI Responses', placeOf('openai', 'gpt-5.6-sol', 'openai-responses')],
  ['Claude', placeOf('anthropic', 'claude-opus-5-5', 'anthropic-messages')],
  ['Gemini', placeOf('google_vertex_ai', 'gemini-3.8-flash', 'gemini')],
  ['Converse (Nova)', placeOf('bedrock', 'global.amazon.nova-2-lite-v1:0', 'bedrock-converse')],
  ['Mistral', placeOf('mistral', 'mistral-large-4-0', 'openai-chat')],
  ['DeepSeek', placeOf('deepseek', 'deepseek-v4-pro', 'openai-chat')],
  ['xAI', placeOf('xai', 'grok-4.7', 'openai-chat')],
  ['Z.ai', placeOf('zai', 'glm-5.3', 'openai-chat')],
]

/** What needs no doing, and why: it is so whether anybody asks or not. */
const SO_ANYWAY: readonly (readonly [name: string, columns: RegExp])[] = [
  // They cache what repeats by themselves.
  ['`cache_control` on a part', /^(?:OpenAI|Mistral|DeepSeek|xAI|Z\.ai)/],
  ['`prompt_cache_breakpoint` on a part', /^(?:Mistral|DeepSeek|xAI|Z\.ai)/],
  ['`cache_control` on a block', /^(?:OpenAI|Mistral|DeepSeek|xAI|Z\.ai)/],
  // They show what they think, if they show it, without being asked.
  ['`reasoning.summary`', /^(?:Gemini|Converse|Mistral|DeepSeek|xAI|Z\.ai)/],
  // They think as long as they like.
  ['`thinking` adaptive', /./],
  // They have but one tier, or this one where nobody asks.
  ['`service_tier` standard_only', /^(?:Gemini|Converse|DeepSeek|Z\.ai)/],
]

/** What became of a thing that was asked. `lost`: nothing, and nobody was told; no cell of the page may say so. */
function outcomeOf(
  client: ClientChatFormat,
  [name, asked, around = {}]: Probe,
  [column, place]: Column,
): string {
  const [before, after] = [around, { ...around, ...asked }].map((members) =>
    crossOrRefuse(client, { ...BASES[client], ...members }, place),
  )
  if (before === undefined || before instanceof GatewayError) throw new Error('too much is asked')
  if (after === undefined || after instanceof GatewayError) return 'refused'
  const told = after.warnings.filter((warning) => !before.warnings.includes(warning))
  // A warning of another parameter is told by its name.
  const words = told.map((warning) => {
    const [parameter = '', how = ''] = warning.split(':')
    return name.includes(parameter) || !PARAMETER_OF_ITS_OWN.has(parameter)
      ? how
      : `${parameter} ${how}`
  })
  if (words.length > 0) return [...new Set(words)].join(', ')
  if (JSON.stringify(after.body) !== JSON.stringify(before.body)) return 'yes'
  return SO_ANYWAY.some(([probe, columns]) => probe === name && columns.test(column))
    ? 'so anyway'
    : 'lost'
}

/** What else may have to give way to what is asked. */
const PARAMETER_OF_ITS_OWN: ReadonlySet<string> = new Set(['max_tokens'])

/** The columns of a caller's format: all but its own, in which nothing is translated. */
const columnsOf = (client: ClientChatFormat) =>
  COLUMNS.filter(
    ([, { service }]) =>
      service.format !== client ||
      (service.format === 'openai-chat' && service.isFlavoured === true),
  )

/** A table for each format that callers speak. */
export function tableOf(client: ClientChatFormat): string {
  const columns = columnsOf(client)
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    row(['', ...columns.map(([name]) => name)]),
    row(['---', ...columns.map(() => '---')]),
    ...PROBES[client].map((probe) =>
      row([probe[0], ...columns.map((column) => outcomeOf(client, probe, column))]),
    ),
  ].join('\n')
}

/** The page with its tables as they are now. */
export function withTables(page: string): string {
  return CLIENT_NAMES.reduce((text, client) => {
    const [begin, end] = [`<!-- table: ${client} -->`, '<!-- end of table -->']
    const from = text.indexOf(begin)
    const to = text.indexOf(end, from)
    if (from === -1 || to === -1) throw new Error(`the page has no place for ${client}`)
    return `${text.slice(0, from)}${begin}\n\n${tableOf(client)}\n\n${text.slice(to)}`
  }, page)
}

if (import.meta.main) {
  if (process.argv.includes('--write')) {
    writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8')))
  } else {
    for (const client of CLIENT_NAMES) process.stdout.write(`${client}\n\n${tableOf(client)}\n\n`)
  }
}
