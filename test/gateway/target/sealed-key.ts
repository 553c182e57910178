import type { SealedProviderKey } from '../../../src/storage/replica/records.ts'

/** A provider key as the data plane finds it: for everyone and every model, unless `more` says otherwise. */
export const keyOf = (id: string, more: Partial<SealedProviderKey> = {}): SealedProviderKey => ({
  id,
  sealed: `v1.m1.${id}-0123456789abcdef`,
  api_key_ids: [],
  priority: 100,
  models: [],
  disabled: false,
  settings: {},
  created_at: '2026-11-21T00:00:00.000Z',
  ...more,
})
