import type { KeyCredential } from '../core/credentials.ts'
import type { MemberEdits } from '../core/json-members.ts'
import { keyCredential, keyFormat, keyHeader } from '../upstream-auth/static-key.ts'
import { hostedClaudeEdits } from './claude-hosting.ts'
import { claudeProfile } from './models/claude.ts'
import { messagesModel } from './openai-compatible.ts'
import type { Provider, ServiceCall } from './provider.ts'
import { ANTHROPIC_RESET_HEADERS } from './reset-headers.ts'
import { oneOf } from './settings.ts'

const BASE = 'https://api.anthropic.com'
const HEADERS = ['anthropic-version', 'anthropic-beta', 'anthropic-user-profile-id']
const VERSION = { 'anthropic-version': '2023-06-01' }

function claudeEdits(call: ServiceCall): MemberEdits {
  const { set } = hostedClaudeEdits('anthropic', call)
  return { set: { ...set, model: call.model } }
}

/** https://platform.claude.com/docs/en/api/overview */
export const anthropic: Provider<KeyCredential> = {
  name: 'anthropic',
  credential: keyFormat,
  // A subscription's login, such as Claude Code's, is an OAuth token.
  auth: () => keyHeader('x-api-key', /^sk-ant-oat/),
  base: () => BASE,
  // It has one address for all regions, so there is nothing to choose.
  settings: { base_url: oneOf([BASE]) },
  services: [
    {
      format: 'anthropic-messages',
      path: () => '/v1/messages',
      edits: claudeEdits,
      headers: HEADERS,
      defaultHeaders: VERSION,
      profile: (model) => claudeProfile(model, 'anthropic'),
    },
    {
      format: 'anthropic-count-tokens',
      path: () => '/v1/messages/count_tokens',
      edits: claudeEdits,
      headers: HEADERS,
      defaultHeaders: VERSION,
    },
  ],
  native: {
    headers: [...HEADERS, 'x-app', 'idempotency-key'],
    defaultHeaders: VERSION,
    dialects: [
      [/\/chat\/completions$/, 'openai-chat'],
      [/^/, 'anthropic-messages'],
    ],
    counting: /\/messages\/count_tokens$/,
    modelIn: [messagesModel, [/^\/v1\/(?:complete|chat\/completions)$/, 'body']],
  },
  passthrough: { header: 'x-api-key', looksLike: /^sk-ant-/, credentialOf: keyCredential },
  // These come with 429, and no word of when to come back. https://platform.claude.com/docs/en/api/errors
  errorWords: {
    billing_error: 'spent',
    contract_spend_limit_reached: 'spent',
    enforced_spend_limit_reached: 'spent',
  },
  resetHeaders: ANTHROPIC_RESET_HEADERS,
  probe: { path: () => '/v1/models?limit=1' },
  families: /^claude-/,
  models: [
    'claude-fable-5-2',
    'claude-mythos-5-2',
    'claude-opus-5-5',
    'claude-opus-4-8',
    'claude-sonnet-5-5',
    'claude-sonnet-4-6',
    'claude-haiku-5-5',
    'claude-haiku-4-5-20251001',
  ],
}
