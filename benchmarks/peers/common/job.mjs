// What the peers written in JavaScript share: the job, the clock, and the file in which a worker reports.
import { appendFileSync } from 'node:fs'

const TELL_EVERY_MS = 20

/// Microseconds of the monotonic clock, which all processes of a machine share.
export const now = () => Number(process.hrtime.bigint() / 1000n)

/// 100 bytes of JSON.
export const payload = { customField: 'x'.repeat(82) }

let ran = 0
let told = 0
let first = 0
let last = 0

const append = (report) => appendFileSync(process.env.BENCH_REPORT, JSON.stringify(report) + '\n')

export function noop() {
  last = now()
  if (ran === 0) first = last
  ran += 1
}

export const stamp = (data) => append({ latency: now() - data.at })

/// Runs until SIGTERM, and tells in the meantime how many jobs have run.
export function tellUntilStopped(stop) {
  setInterval(() => {
    if (ran === told) return
    told = ran
    append({ pid: process.pid, ran, first, last })
  }, TELL_EVERY_MS)
  process.once('SIGTERM', async () => {
    await stop()
    process.exit(0)
  })
}
