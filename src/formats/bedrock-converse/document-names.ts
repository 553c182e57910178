/** Names of documents, each of its own in a request. */
export type DocumentNames = (name: string | undefined) => string

const MAX_LENGTH = 180

/**
 * What Converse takes of a document's name: letters, digits, single spaces, hyphens, parentheses and square brackets, 200
 * in all. They follow from the documents before, so a conversation keeps them as it grows.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html
 */
export function documentNames(): DocumentNames {
  const taken = new Set<string>()
  return (name = '') => {
    const plain = plainDocumentName(name)
    let unique = plain
    for (let number = 2; taken.has(unique); number++) unique = `${plain} (${number})`
    taken.add(unique)
    return unique
  }
}

function plainDocumentName(name: string): string {
  const plain = name
    .replace(/\.[A-Za-z0-9]{1,5}$/, '')
    .slice(0, MAX_LENGTH)
    .replaceAll(/[^A-Za-z0-9()[\] -]/g, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim()
  return plain === '' ? 'document' : plain
}
