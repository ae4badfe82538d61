import PgBoss from 'pg-boss'

import { noop, payload, stamp, tellUntilStopped } from '../common/job.mjs'
import { play } from '../common/verbs.mjs'

const connectionString = process.env.DATABASE_URL
const CHUNK = 10_000
const BATCH = 1000
const LOOPS = 2
const IDLE_MS = 500 // the shortest that its own workers can be told

const boss = new PgBoss({ connectionString, supervise: false, schedule: false })
const handlers = { noop: () => noop(), stamp }
const pause = () => new Promise((resume) => setTimeout(resume, IDLE_MS))

let stopped = false

/// Fetches again at once as long as there is something.
async function burst(name) {
  while (!stopped) {
    const jobs = await boss.fetch(name, { batchSize: BATCH })
    if (jobs.length === 0) {
      await pause()
      continue
    }
    for (const job of jobs) handlers[name](job.data)
    await boss.complete(
      name,
      jobs.map((job) => job.id),
    )
  }
}

async function work(configuration) {
  await boss.start()
  const running = []
  for (const name of Object.keys(handlers)) {
    if (configuration === 'best') running.push(...Array.from({ length: LOOPS }, () => burst(name)))
    else await boss.work(name, async ([job]) => handlers[name](job.data))
  }
  tellUntilStopped(async () => {
    stopped = true
    await Promise.all(running)
    await boss.stop({ graceful: false })
  })
}

play({
  open: () => boss.start(),
  close: () => boss.stop({ graceful: false }),
  setup: async () => {
    for (const name of Object.keys(handlers)) await boss.createQueue(name)
  },
  enqueueOne: (name, data) => boss.send(name, data),
  enqueueMany: async (count) => {
    for (let left = count; left > 0; left -= CHUNK)
      await boss.insert(Array.from({ length: Math.min(left, CHUNK) }, () => ({ name: 'noop', data: payload })))
  },
  work,
})
