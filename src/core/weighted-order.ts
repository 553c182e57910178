/**
 * The items in the order in which they are to be tried: at each place, one of those that are left is picked with a chance
 * in proportion to its weight. So the first is the weighted pick, and what falls to it while it is down is shared among
 * the others by their weights. Items of weight 0 come last, as they stand. `random` gives numbers of at least 0 and below 1.
 */
export function weightedOrder<Item>(
  items: readonly Item[],
  weightOf: (item: Item) => number,
  random: () => number,
): readonly Item[] {
  const left = items.filter((item) => weightOf(item) > 0)
  const order: Item[] = []
  while (left.length > 0) {
    const total = left.reduce((sum, item) => sum + weightOf(item), 0)
    let rest = random() * total
    const at = left.findIndex((item) => (rest -= weightOf(item)) < 0)
    // Rounding can leave nothing below zero: then it is the last.
    order.push(...left.splice(at, 1))
  }
  return [...order, ...items.filter((item) => !(weightOf(item) > 0))]
}
