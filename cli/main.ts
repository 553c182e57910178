import { CommanderError } from 'commander'
import { EXIT } from './exit-codes.ts'
import { Failure } from './failure.ts'
import { type Machine, thisMachine } from './machine.ts'
import { createProgram } from './program.ts'
import { refuseSecrets } from './usage-error.ts'

/** `keyway`: runs the command and says how it ended. Start reading at program.ts. */
const machine = thisMachine()
// A reader that has seen enough, such as head, is no failure.
process.stdout.on('error', () => process.exit(EXIT.ok))
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

function tell(on: Machine, { message, exitCode, details }: Failure, isJson: boolean): void {
  const { advice, ...more } = details
  if (isJson) {
    const error = { message, ...(advice === undefined ? {} : { advice }), ...more }
    on.tell(JSON.stringify({ error, exit_code: exitCode }))
    return
  }
  const field = details.param === undefined || details.param === '' ? '' : ` [${details.param}]`
  on.tell(`keyway: ${message}${message.includes(details.param ?? '') ? '' : field}`)
  if (advice !== undefined && advice !== '') on.tell(advice)
  if (details.requestId !== undefined && details.requestId !== '') {
    on.tell(`request id: ${details.requestId}`)
  }
}

/** A defect of this program: its name is enough to report it, and a stack helps nobody at a prompt. */
function unexpected(error: unknown): Failure {
  const name = error instanceof Error ? error.name : 'an unknown error'
  return new Failure(EXIT.defect, `Something unexpected happened (${name}).`, {
    advice: 'This is a defect of keyway. Say which command you ran when you report it.',
  })
}
