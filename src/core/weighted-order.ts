/**
 * The items in the order in which they are to be tried: the first is picked with a chance in proportion to its weight, and
 * so is the next of those that are left. So what falls to the first while it is down is shared among the others by their
 * weights. Items of weight 0 come last, as they stand.
 *
 * `chanceOf` gives an item's number of at least 0 and below 1. Where it follows from the item, so does the order, and an
 * item that is added, taken away or given another weight moves to or from its own place only: the others keep theirs.
 * Each item waits for a time that its number and its weight make, and the shortest wait is first, which is the weighted
 * form of rendezvous hashing (https://en.wikipedia.org/wiki/Rendezvous_hashing).
 */
export function weightedOrder<Item>(
  items: readonly Item[],
  weightOf: (item: Item) => number,
  chanceOf: (item: Item, place: number) => number,
): readonly Item[] {
  const drawn = items.flatMap((item, place) => {
    const weight = weightOf(item)
    return weight > 0 ? [{ item, wait: -Math.log(1 - chanceOf(item, place)) / weight }] : []
  })
  return [
    ...drawn.toSorted((one, other) => one.wait - other.wait).map(({ item }) => item),
    ...items.filter((item) => !(weightOf(item) > 0)),
  ]
}
