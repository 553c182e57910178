import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Stands in for kubectl: answers the three commands that Keyway's documentation names, and fails on any other. */
const { FAKE_CLUSTER: state = '', FAKE_REFUSES: refuses = '' } = process.env
const words = process.argv.slice(2)
const line = words.join(' ')
appendFileSync(join(state, 'calls'), `${JSON.stringify(words)}\n`)
appendFileSync(
  join(state, 'processes'),
  execFileSync('ps', ['-ww', '-eo', 'args'], { encoding: 'utf8' }),
)

const fail = (text) => {
  process.stderr.write(`${text}\n`)
  process.exit(1)
}
const fileOf = (namespace, name) => join(state, 'secrets', `${namespace}.${name}.json`)
const read = (file) => JSON.parse(readFileSync(file, 'utf8'))

const stored = readdirSync(join(state, 'secrets')).flatMap((file) =>
  Object.values(read(join(state, 'secrets', file))),
)
const isTold = stored.some(
  (encoded) => line.includes(encoded) || line.includes(Buffer.from(encoded, 'base64').toString()),
)
if (isTold || /kwm?_[0-9A-Za-z]{10}|sk-/.test(line)) fail('error: a secret is among the arguments')
if (refuses !== '' && line.startsWith(refuses)) fail('error: Forbidden (fake)')

const NAME = '([a-z0-9-]+)'
const [, name, namespace, form] =
  new RegExp(`^get secret ${NAME} -n ${NAME} -o (json|name)$`).exec(line) ?? []
if (name !== undefined) {
  const file = fileOf(namespace, name)
  if (!existsSync(file)) fail(`Error from server (NotFound): secrets "${name}" not found`)
  const secret = { kind: 'Secret', metadata: { name, namespace }, data: read(file) }
  process.stdout.write(form === 'json' ? JSON.stringify(secret) : `secret/${name}\n`)
} else if (
  new RegExp(`^auth can-i (?:patch secret/${NAME}|create secrets) -n ${NAME}$`).test(line)
) {
  process.stdout.write('yes\n')
} else if (
  new RegExp(`^apply --server-side --force-conflicts --field-manager=keyway -n ${NAME} -f -$`).test(
    line,
  )
) {
  const { kind, metadata, data, ...rest } = JSON.parse(readFileSync(0, 'utf8'))
  if (kind !== 'Secret' || rest.apiVersion !== 'v1') fail('error: this is not a secret')
  if (metadata.namespace !== words[5]) fail('error: the namespaces differ')
  const file = fileOf(metadata.namespace, metadata.name)
  const before = existsSync(file) ? read(file) : {}
  writeFileSync(file, JSON.stringify({ ...before, ...data }))
  process.stdout.write(`secret/${metadata.name} serverside-applied\n`)
} else {
  fail(`error: the fake kubectl does not know ${words[0]}`)
}
