const ENTER = '\r\n\u0004'
const INTERRUPT = '\u0003'
const BACKSPACE = '\b\u007F'

/** Reads one line from the terminal without showing it, for a key that is pasted by hand. */
export function readHidden(prompt: string): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>()
  const { stdin, stderr } = process
  let line = ''
  const take = (text: string): void => {
    for (const character of text) {
      if (ENTER.includes(character)) return finish()
      if (character === INTERRUPT) return interrupt()
      line = BACKSPACE.includes(character) ? line.slice(0, -1) : line + character
    }
  }
  const restore = (): void => {
    stdin.off('data', take)
    stdin.setRawMode(false)
    stdin.pause()
    stderr.write('\n')
  }
  const finish = (): void => {
    restore()
    resolve(Buffer.from(line))
  }
  const interrupt = (): void => {
    restore()
    process.exit(130)
  }
  stdin.setRawMode(true)
  stdin.setEncoding('utf8')
  stdin.on('data', take)
  stdin.resume()
  // Not before: what is typed at once would still be shown.
  stderr.write(`${prompt} (it is not shown): `)
  return promise
}
