/** What a spreadsheet would take for a formula. Models are named by callers, and this is read by somebody else. */
const FORMULA = /^[=+\-@\t\r]/

/**
 * Rows with a header, as RFC 4180 has them; null is an empty field. A text that a spreadsheet would run is made a text by
 * an apostrophe in front of it. https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvOf(
  columns: readonly string[],
  rows: readonly Readonly<Record<string, string | number | null | undefined>>[],
): string {
  const lines = rows.map((row) => columns.map((column) => field(row[column])).join(','))
  return [columns.join(','), ...lines].map((line) => `${line}\r\n`).join('')
}

function field(value: string | number | null | undefined): string {
  if (typeof value !== 'string') return value === null || value === undefined ? '' : String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
