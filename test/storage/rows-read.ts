/** The same tables, and how many rows were read of them so far. */
export function countingSql(real: SqlStorage): { sql: SqlStorage; rowsRead: () => number } {
  const cursors: { readonly rowsRead: number }[] = []
  const sql = new Proxy(real, {
    get(target, name) {
      if (name !== 'exec') return Reflect.get(target, name, target)
      return (query: string, ...values: unknown[]) => {
        const cursor = target.exec(query, ...values)
        cursors.push(cursor)
        return cursor
      }
    },
  })
  return { sql, rowsRead: () => cursors.reduce((sum, { rowsRead }) => sum + rowsRead, 0) }
}
