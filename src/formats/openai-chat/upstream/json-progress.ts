/** How far a JSON text has come that arrives in pieces. */
export interface JsonProgress {
  add(text: string): void
  /** Nothing but white space so far. */
  isEmpty(): boolean
  /** An object or a list has come to its end: whatever follows cannot belong to it. */
  isWhole(): boolean
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Counts brackets outside strings, without keeping the text. */
export function jsonProgress(): JsonProgress {
  let depth = 0
  let isInString = false
  let isEscaped = false
  let isEmpty = true
  let isWhole = false
  return {
    add(text) {
      for (let at = 0; at < text.length; at++) {
        const code = text.charCodeAt(at)
        if (isInString) {
          if (isEscaped) isEscaped = false
          else if (code === BACKSLASH) isEscaped = true
          else if (code === QUOTE) isInString = false
          continue
        }
        if (code <= 0x20) continue
        isEmpty = false
        if (code === QUOTE) isInString = true
        // [ and {, ] and } differ in one bit only.
        else if ((code | 0x20) === 0x7b) depth += 1
        else if ((code | 0x20) === 0x7d) {
          depth -= 1
          isWhole = depth === 0
        }
      }
    },
    isEmpty: () => isEmpty,
    isWhole: () => isWhole,
  }
}
