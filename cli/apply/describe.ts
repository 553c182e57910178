import type { JsonObject } from '../../src/core/parse.ts'
import { textOf } from '../json.ts'
import { cellText } from '../table.ts'
import type { Change, Difference, MemberChange, SecretReason } from './difference.ts'

/** The difference for people. Never a secret. */
export function describe({ unchanged, strangers }: Difference, changes: readonly Change[]): string {
  const lines = changes.flatMap((change) => [
    `${SIGNS[change.action]} ${change.section.kind.noun} ${cellText(change.name)}`,
    ...(change.action === 'delete' ? [] : change.members.map((member) => `    ${line(member)}`)),
  ])
  const left = strangers.filter(({ thing }) => !changes.some(({ current }) => current === thing))
  const others = left.map(
    ({ section, thing }) => `  ${section.kind.noun} ${cellText(textOf(thing, 'name'))}`,
  )
  return [
    ...lines,
    ...(left.length === 0
      ? []
      : ['Not in the file, left alone (--prune deletes them):', ...others]),
    `${changes.length} to change, ${unchanged} as they should be.`,
  ].join('\n')
}

/** The difference for scripts. Never a secret. */
export function describeAsJson({ unchanged, strangers }: Difference, changes: readonly Change[]) {
  return {
    changes: changes.map((change) => ({
      action: change.action,
      kind: change.section.name,
      name: change.name,
      id: change.current?.['id'] ?? null,
      members: change.action === 'delete' ? [] : change.members.map((member) => memberJson(member)),
    })),
    unchanged,
    left_alone: strangers
      .filter(({ thing }) => !changes.some(({ current }) => current === thing))
      .map(({ section, thing }) => ({ kind: section.name, id: thing['id'], name: thing['name'] })),
  }
}

const SIGNS = { create: '+', update: '~', delete: '-' } as const

function line(change: MemberChange): string {
  if ('secret' in change) return `${change.member}: ${REASONS[change.secret]}`
  const to = cellText(change.to)
  return change.from === undefined
    ? `${change.member}: ${to}`
    : `${change.member}: ${cellText(change.from)} → ${to}`
}

const REASONS = {
  new: '(secret)',
  changed: '(secret, has changed)',
  'changed elsewhere': '(secret, was changed by somebody else)',
  'not known': '(secret, not known whether it is the same; it is set once more)',
  'another address': '(secret, goes along to another address)',
} as const satisfies Record<SecretReason, string>

function memberJson(change: MemberChange): JsonObject {
  if ('secret' in change) return { member: change.member, secret: true, because: change.secret }
  return { member: change.member, from: change.from ?? null, to: change.to }
}
