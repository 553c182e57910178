import type { Command } from 'commander'
import { type GlobalOptions, readConnection, readUrl } from '../connection.ts'
import { type Check, checkFolder, checkGateway, checkNode, checkToken } from '../doctor/checks.ts'
import { report } from '../doctor/report.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { Machine } from '../machine.ts'
import { createOutput } from '../output.ts'

/** `keyway doctor`. */
export function addDoctor(program: Command, machine: Machine): void {
  program
    .command('doctor')
    .description('Says what is wrong with the set-up, and what to do')
    .action(async function action(this: Command) {
      const options = this.optsWithGlobals<GlobalOptions>()
      const checks = await examine(machine, options)
      const output = createOutput(machine, options.json === true)
      const wrong = checks.filter(({ state }) => state === 'wrong')
      if (output.isJson) output.one({ ok: wrong.length === 0, checks })
      else machine.print(checks.map((check) => report(check)).join('\n'))
      const worst = wrong.map((check) => check.exitCode ?? EXIT.refused)
      if (wrong.length > 0) {
        const many = wrong.length === 1 ? 'One thing is' : `${wrong.length} things are`
        throw new Failure(worstOf(worst), `${many} wrong.`, { code: 'unhealthy' })
      }
    })
}

async function examine(machine: Machine, options: GlobalOptions): Promise<Check[]> {
  const here = [checkNode(machine), ...checkFolder(machine)]
  const url = await attempt('address', () => readUrl(machine, options))
  if (typeof url !== 'string') return [...here, url]
  const gateway = await checkGateway(machine, url)
  const connection = await attempt('token', () => readConnection(machine, options))
  if ('name' in connection) return [...here, ...gateway, connection]
  // What does not answer, or is not set up, cannot say what it thinks of the token.
  if (gateway.some(({ exitCode }) => exitCode !== undefined)) return [...here, ...gateway]
  return [...here, ...gateway, ...(await checkToken(machine, connection))]
}

async function attempt<Value>(
  name: string,
  work: () => Value | Promise<Value>,
): Promise<Value | Check> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const { exitCode, message, details } = error
    return { name, state: 'wrong', says: message, todo: details.advice ?? '', exitCode }
  }
}

/** What keeps everything else from working comes first. */
function worstOf(codes: readonly ExitCode[]): ExitCode {
  const order = [EXIT.usage, EXIT.unreachable, EXIT.serverFailed, EXIT.unauthenticated]
  return order.find((code) => codes.includes(code)) ?? EXIT.refused
}
