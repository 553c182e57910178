import type { Command } from 'commander'
import { type Client, createClient } from './client.ts'
import { type GlobalOptions, readConnection } from './connection.ts'
import type { Machine } from './machine.ts'
import { chooseOrganization } from './organization.ts'
import { createOutput, type Output } from './output.ts'

/** What a command that talks to Keyway works with. */
export interface Session {
  readonly machine: Machine
  readonly client: Client
  readonly output: Output
  /** The path of the organization that is meant, such as `/org_4cG7zYl2Qe0Rk9Ta`. */
  readonly organization: () => Promise<string>
}

/** What a command does, given its options and its arguments. */
export type Work<Options> = (
  session: Session,
  options: Options,
  words: readonly string[],
) => Promise<void>

/** Makes a session from the options that every command takes. */
export async function openSession(machine: Machine, options: GlobalOptions): Promise<Session> {
  const client = createClient(machine, await readConnection(machine, options))
  const output = createOutput(machine, options.json === true)
  const given = options.org ?? machine.env['KEYWAY_ORG']
  let chosen: Promise<string> | undefined
  const organization = (): Promise<string> => (chosen ??= chooseOrganization(client, given))
  return { machine, client, output, organization }
}

/** An action for the parser that opens a session first. */
export function withSession<Options extends object>(machine: Machine, work: Work<Options>) {
  return async function action(this: Command): Promise<void> {
    const options = this.optsWithGlobals<Options & GlobalOptions>()
    await work(await openSession(machine, options), options, this.args)
  }
}
