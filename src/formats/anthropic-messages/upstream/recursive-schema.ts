import { isObject, type JsonObject } from '../../../core/parse.ts'

/** Whether a schema refers to itself, at once or by way of its definitions. Claude cannot be held to one that does. */
export function isRecursive(schema: JsonObject): boolean {
  const { $defs, definitions, ...root } = schema
  const references = new Map([['#', referencesIn(root)]])
  for (const [place, owner] of Object.entries({ $defs, definitions })) {
    if (!isObject(owner)) continue
    for (const [name, definition] of Object.entries(owner)) {
      references.set(`#/${place}/${name}`, referencesIn(definition))
    }
  }
  const settled = new Set<string>()
  const leadsBack = (name: string, path: ReadonlySet<string>): boolean => {
    if (path.has(name)) return true
    if (settled.has(name)) return false
    const onPath = new Set([...path, name])
    const found = references.get(name)?.some((next) => leadsBack(next, onPath)) ?? false
    settled.add(name)
    return found
  }
  return leadsBack('#', new Set())
}

function referencesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, member]) =>
    name === '$ref' && typeof member === 'string' ? [member] : referencesIn(member),
  )
}
