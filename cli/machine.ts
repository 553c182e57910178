import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { readHidden } from './read-hidden.ts'

/** How a program that was started ended. */
export interface Ended {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** A terminal that is watched. */
export interface Terminal {
  readonly columns: () => number
  readonly write: (text: string) => void
}

/** Everything outside of the command line that it uses. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly folder: string
  readonly nodeVersion: string
  readonly fetch: typeof fetch
  readonly now: () => Date
  readonly newId: () => string
  readonly sleep: (ms: number) => Promise<unknown>
  /** For what was asked for. */
  readonly print: (text: string) => void
  /** For everything else that people want to know. */
  readonly tell: (text: string) => void
  readonly hasColour: boolean
  /** Where standard error is a terminal: a place for a line that changes. */
  readonly terminal?: Terminal
  /** Calls each time somebody wants this program to stop. */
  readonly onStop: (act: () => void) => void
  readonly random: () => number
  /** All of standard input; at a terminal one line, which is not shown. */
  readonly readStdin: (prompt: string) => Promise<Buffer>
  /** Starts a program, gives it the text on its standard input, and waits. Rejects when there is no such program. */
  readonly run: (program: string, words: readonly string[], input?: string) => Promise<Ended>
}

/** The machine that this runs on. */
export function thisMachine(): Machine {
  const { env, stdin, stdout, stderr } = process
  return {
    env,
    folder: process.cwd(),
    nodeVersion: process.versions.node,
    fetch,
    now: () => new Date(),
    newId: randomUUID,
    sleep,
    print: (text) => void stdout.write(`${text}\n`),
    tell: (text) => void stderr.write(`${text}\n`),
    hasColour: stdout.isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
    ...(stderr.isTTY && env['TERM'] !== 'dumb' ? { terminal: thisTerminal() } : {}),
    onStop,
    random: Math.random,
    readStdin: (prompt) => (stdin.isTTY ? readHidden(prompt) : readPipe()),
    run,
  }
}

function thisTerminal(): Terminal {
  const { stderr } = process
  // A terminal that does not know its width says 0.
  return { columns: () => stderr.columns || 80, write: (text) => void stderr.write(text) }
}

function onStop(act: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, act)
  // Where the launcher runs beside this process, it may be killed without a word.
  process.once('disconnect', () => process.exit(1))
  process.channel?.unref()
}

function readPipe(): Promise<Buffer> {
  return buffer(process.stdin)
}

function run(program: string, words: readonly string[], input = ''): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>()
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8')
    child[name].on('data', (text: string) => void (output[name] += text))
  }
  child.on('error', reject)
  child.on('close', (code) => resolve({ ...output, exitCode: code ?? 1 }))
  // A program that ends without reading what it was given is judged by its exit code.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  return promise
}
