import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** A page of docs/, as it is written. */
export function pageNamed(name: string): string {
  return readFileSync(resolve(import.meta.dirname, '../../docs', name), 'utf8')
}

/** The rows of a page's table, cell by cell; it is known by how its head begins. */
export function tableIn(page: string, head: string): readonly (readonly string[])[] {
  const lines = page.split('\n')
  const from = lines.findIndex((line) => line.startsWith(head))
  if (from === -1) throw new Error(`The page has no table that begins ${head}`)
  const rows = lines.slice(from + 2)
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )
}

/** What stands between backticks. */
export function codeIn(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
}
