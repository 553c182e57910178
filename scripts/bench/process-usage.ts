import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

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
  // The name in brackets may hold spaces: fields are counted from behind it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0)
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    residentBytes: kilobytes * 1024,
  }
}

function fromPs(pid: number): Usage {
  const text = execFileSync('ps', ['-o', 'time=,rss=', '-p', String(pid)], { encoding: 'utf8' })
  const [time = '', kilobytes = '0'] = text.trim().split(/\s+/)
  const cpuSeconds = time.split(':').reduce((seconds, part) => seconds * 60 + Number(part), 0)
  return { cpuSeconds, residentBytes: Number(kilobytes) * 1024 }
}
