/**
 * The tables of one organization. A step that has been released is never edited: a change is a new step at the end,
 * which each object applies to itself the next time it wakes.
 */
const STEPS = [
  `CREATE TABLE organization (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    metering TEXT NOT NULL,
    created_at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE api_keys (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    hint TEXT NOT NULL,
    expires_at TEXT,
    providers TEXT NOT NULL,
    models TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    last_used_at TEXT
  ) STRICT;
  CREATE TABLE provider_keys (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    provider TEXT NOT NULL,
    name TEXT NOT NULL,
    sealed TEXT NOT NULL,
    hint TEXT,
    api_key_ids TEXT NOT NULL,
    priority INTEGER NOT NULL,
    models TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    settings TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    last_used_at TEXT,
    last_error TEXT
  ) STRICT;
  CREATE INDEX provider_keys_in_choosing_order ON provider_keys (provider, priority, seq);
  CREATE TABLE outbox (
    target TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    version INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    due_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX outbox_by_due_time ON outbox (due_ms);`,

  `ALTER TABLE organization ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE api_keys ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE provider_keys ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
  CREATE TABLE replaced_api_keys (
    hash TEXT PRIMARY KEY,
    api_key_id TEXT NOT NULL,
    valid_until TEXT NOT NULL
  ) STRICT;
  CREATE INDEX replaced_api_keys_by_key ON replaced_api_keys (api_key_id);
  CREATE INDEX replaced_api_keys_by_end ON replaced_api_keys (valid_until);
  CREATE TABLE tokens (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    version INTEGER NOT NULL DEFAULT 1,
    id TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    hint TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    expires_at TEXT
  ) STRICT;
  CREATE TABLE endpoints (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    version INTEGER NOT NULL DEFAULT 1,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    base_url TEXT,
    reach TEXT NOT NULL,
    auth TEXT NOT NULL,
    hint TEXT,
    sealed_api_key TEXT,
    header_names TEXT NOT NULL,
    sealed_headers TEXT,
    models TEXT NOT NULL,
    default_model TEXT,
    capabilities TEXT NOT NULL,
    timeouts TEXT NOT NULL,
    connector_tokens TEXT NOT NULL,
    connector_hashes TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE routes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    version INTEGER NOT NULL DEFAULT 1,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    strategy TEXT NOT NULL,
    targets TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE idempotency (
    key_hash TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    entity TEXT NOT NULL,
    version INTEGER NOT NULL,
    master_key_id TEXT,
    salt TEXT,
    ends_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX idempotency_by_end ON idempotency (ends_at);
  CREATE TABLE audit_log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    resource TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    ip TEXT,
    user_agent TEXT,
    before TEXT,
    after TEXT
  ) STRICT;
  CREATE TRIGGER audit_log_is_not_edited BEFORE UPDATE ON audit_log
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
  CREATE TRIGGER audit_log_is_not_shortened BEFORE DELETE ON audit_log
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;`,
  `ALTER TABLE provider_keys ADD COLUMN source TEXT;`,

  `ALTER TABLE endpoints ADD COLUMN kind TEXT NOT NULL DEFAULT 'openai-compatible';`,

  `ALTER TABLE endpoints ADD COLUMN last_success_at TEXT;
  ALTER TABLE endpoints ADD COLUMN last_error TEXT;`,

  `CREATE TABLE usage (
    grain TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    api_key TEXT NOT NULL,
    provider_key TEXT NOT NULL,
    outcome TEXT NOT NULL,
    requests INTEGER NOT NULL,
    requests_without_usage INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    latency_ms INTEGER NOT NULL,
    first_byte_ms INTEGER NOT NULL,
    first_bytes INTEGER NOT NULL,
    input_tokens INTEGER,
    cached_input_tokens INTEGER,
    cache_write_tokens INTEGER,
    output_tokens INTEGER,
    reasoning_tokens INTEGER,
    PRIMARY KEY (grain, start_ms, provider, model, api_key, provider_key, outcome)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE usage_batches (
    id TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;`,

  `ALTER TABLE routes ADD COLUMN sticky TEXT NOT NULL DEFAULT 'conversation';
  ALTER TABLE routes ADD COLUMN hedge_after_ms INTEGER;`,

  `ALTER TABLE api_keys ADD COLUMN limits TEXT;
  CREATE TABLE limit_ledgers (
    api_key_id TEXT PRIMARY KEY,
    ledger TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;`,

  `ALTER TABLE provider_keys ADD COLUMN health TEXT;
  ALTER TABLE endpoints ADD COLUMN health TEXT;`,

  `ALTER TABLE routes ADD COLUMN timeouts TEXT NOT NULL DEFAULT '{}';`,

  `CREATE INDEX usage_batches_by_time ON usage_batches (at_ms);`,
] as const

/** Whether anything was ever written here. Asking writes nothing. */
export function hasSchema(sql: SqlStorage): boolean {
  return (
    sql
      .exec(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'`)
      .toArray().length > 0
  )
}

/** Brings the tables up to date, or makes them. */
export function applySchema(sql: SqlStorage): void {
  sql.exec(`CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT`)
  const [row] = sql.exec<{ version: number }>(`SELECT version FROM schema_version`).toArray()
  const version = row?.version ?? 0
  if (version >= STEPS.length) return
  for (const step of STEPS.slice(version)) sql.exec(step)
  sql.exec(`DELETE FROM schema_version`)
  sql.exec(`INSERT INTO schema_version (version) VALUES (?)`, STEPS.length)
}
