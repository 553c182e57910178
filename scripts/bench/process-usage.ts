import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** What a process has used so far, by the operating system's own account. */
export interface Usage {
  readonly cpuSeconds: number
  readonly residentBytes: number
}

/** Linux counts in hundredths of a second, whatever the machine's clock. */
const TICKS_PER_SECOND = 100

export function processUsage(pid: number): Usage {
  return existsSync(`/proc/${pid}/stat`) ? fromProc(pid) : fromPs(pid)
}

function fromProc(pid: number): Usage {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0)
  return { cpuSeconds: cpuSeconds(pid), residentBytes: kilobytes * 1024 }
}

/** In ticks, of threads that have ended too; in nanoseconds where the threads that live account for all of them. */
function cpuSeconds(pid: number): number {
  // The name in brackets may hold spaces: fields are counted from behind it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const ticks = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  const exact = exactSeconds(pid)
  return Math.abs(exact - ticks) <= 2 / TICKS_PER_SECOND ? exact : ticks
}

/** https://docs.kernel.org/scheduler/sched-stats.html */
function exactSeconds(pid: number): number {
  let nanoseconds = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')
      nanoseconds += Number(text.split(' ')[0])
    } catch {
      // A thread that has just ended, or a kernel that does not tell.
    }
  }
  return nanoseconds / 1e9
}

function fromPs(pid: number): Usage {
  const text = execFileSync('ps', ['-o', 'time=,rss=', '-p', String(pid)], { encoding: 'utf8' })
  const [time = '', kilobytes = '0'] = text.trim().split(/\s+/)
  const seconds = time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  return { cpuSeconds: seconds, residentBytes: Number(kilobytes) * 1024 }
}
