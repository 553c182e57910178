import type { Command } from 'commander'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { textOf } from '../json.ts'
import type { Kind } from '../kinds.ts'
import type { Machine } from '../machine.ts'
import { withSession } from '../session.ts'
import { pathOf, WHICH } from './shared.ts'

/** `test`: lets the gateway call what is behind the thing, and fails when that fails. */
export function addTest(group: Command, machine: Machine, kind: Kind): void {
  group
    .command('test')
    .description('Calls it for real, cheaply; exits with 1 when it refuses')
    .argument(WHICH)
    .action(
      withSession(machine, async (session, _, [given = '']) => {
        const path = await pathOf(session, kind, given)
        const result = await session.client.post(`${path}/test`)
        session.output.one(result)
        if (result['ok'] === true) return
        const why = textOf(result, 'message') || 'no reason was given'
        throw new Failure(EXIT.refused, `The ${kind.noun} does not work: ${why}`, {
          code: 'test_failed',
        })
      }),
    )
}
