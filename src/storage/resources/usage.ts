import type { Env } from '../env.ts'
import type { UsageQuery, UsageReport } from '../organization/read-usage.ts'
import { askRecord, valueOf } from '../organization/record-access.ts'

export { type Group, type GroupedUsage, GROUPS, isGrain } from '../organization/read-usage.ts'
export type { UsageQuery, UsageReport } from '../organization/read-usage.ts'
export { COUNT_COLUMNS, KEY_COLUMNS, type UsageCounts } from '../use/usage-counts.ts'
export { type Grain, KEEPING, GRAINS } from '../organization/usage-table.ts'

/** What an organization's requests came to. */
export async function reportUsage(
  env: Env,
  organizationId: string,
  query: UsageQuery,
): Promise<UsageReport> {
  return valueOf(
    await askRecord(env, organizationId, async (record) => await record.usage(query)),
    'usage',
  )
}
