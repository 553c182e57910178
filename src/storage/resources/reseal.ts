import { GatewayError } from '../../core/errors.ts'
import { type Env, readSettings } from '../env.ts'
import {
  askRecord,
  changeOf,
  changeRecord,
  valueOf,
  type WriteContext,
} from '../organization/record-access.ts'
import type { ResealedValue, SealedValue } from '../organization/sealed-columns.ts'
import { open, seal } from '../sealed/sealed.ts'

/** What a re-sealing came to. */
export interface Resealed {
  readonly resealed: number
  readonly already_current: number
}

/** Seals everything of an organization with the first master key, so that the others may go. */
export async function resealOrganization(
  context: WriteContext,
  organizationId: string,
): Promise<Resealed> {
  const { env } = context
  const [{ id: masterKeyId }] = readSettings(env).masterKeys
  let alreadyCurrent: number | undefined
  let resealed = 0
  for (;;) {
    const state = valueOf(
      await askRecord(env, organizationId, async (record) => await record.sealedState(masterKeyId)),
      'sealed value',
    )
    alreadyCurrent ??= state.current
    if (state.others.length === 0) return { resealed, already_current: alreadyCurrent }
    const values = await Promise.all(
      state.others.map((value) => resealValue(env, organizationId, value)),
    )
    const change = changeOf(context, 'reseal')
    const reply = await changeRecord(
      env,
      organizationId,
      async (record) => await record.replaceSealed(values, change),
    )
    const count = valueOf(reply, 'sealed value')
    if (count === 0) {
      throw new GatewayError('internal_error', 'Secrets changed while they were sealed. Try again.')
    }
    resealed += count
  }
}

async function resealValue(
  env: Env,
  organizationId: string,
  value: SealedValue,
): Promise<ResealedValue> {
  const { masterKeys } = readSettings(env)
  const { purpose, recordId, sealed } = value
  const binding = { organizationId, recordId, purpose }
  try {
    return {
      ...value,
      resealed: await seal(masterKeys, binding, await open(masterKeys, binding, sealed)),
    }
  } catch {
    throw new GatewayError(
      'misconfigured',
      `The secret of ${recordId} does not open with any key in MASTER_KEYS. Add the one that sealed it.`,
    )
  }
}
