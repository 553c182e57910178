import { CommanderError } from 'commander'
import { EXIT } from './exit-codes.ts'
import { Failure } from './failure.ts'
import { type Machine, thisMachine } from './machine.ts'
import { printable } from './printable.ts'
import { createProgram } from './program.ts'
import { refuseSecrets } from './usage-error.ts'

/** `keyway`: runs the command and says how it ended. Start reading at program.ts. */
const machine = thisMachine()
// A reader that has seen enough, such as head, is no failure.
process.stdout.on('error', () => process.exit(EXIT.ok))
// A terminal that was closed must not end calls that run.
process.stderr.on('error', () => undefined)
// Of rejections that nobody handles, too: Node's own exit code for both means here that Keyway refused.
process.on('uncaughtException', (error) => {
  tell(machine, unexpected(error), process.argv.includes('--json'))
  process.exit(EXIT.defect)
})
process.exitCode = await main(machine, process.argv.slice(2))

async function main(on: Machine, words: readonly string[]): Promise<number> {
  try {
    refuseSecrets(words)
    await createProgram(on).parseAsync(words, { from: 'user' })
    return EXIT.ok
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    const failure = error instanceof Failure ? error : unexpected(error)
    tell(on, failure, words.includes('--json'))
    return failure.exitCode
  }
}

function tell(on: Machine, failure: Failure, isJson: boolean): void {
  const { message, exitCode, details } = failure
  const { advice = '', param = '', requestId = '', code = '', status } = details
  if (isJson) {
    const members = { message, advice, code, param, status, request_id: requestId }
    const known = Object.entries(members).filter(([, value]) => value !== '')
    on.tell(JSON.stringify({ error: Object.fromEntries(known), exit_code: exitCode }))
    return
  }
  const field = message.includes(param) ? '' : ` [${param}]`
  const request = requestId === '' ? '' : `request id: ${requestId}`
  const lines = [`keyway: ${message}${field}`, advice, request]
  on.tell(printable(lines.filter((line) => line !== '').join('\n')))
}

/** A defect of this program: its name is enough to report it, and a stack helps nobody at a prompt. */
function unexpected(error: unknown): Failure {
  const name = error instanceof Error ? error.name : 'an unknown error'
  return new Failure(EXIT.defect, `Something unexpected happened (${name}).`, {
    advice: 'This is a defect of keyway. Say which command you ran when you report it.',
  })
}
