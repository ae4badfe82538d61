import { Queue, Worker } from 'bullmq'

import { noop, payload, stamp, tellUntilStopped } from '../common/job.mjs'
import { play } from '../common/verbs.mjs'

const NAME = 'bench'
const CHUNK = 2000
const connection = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT) }
const options = { best: { concurrency: 100 }, default: {} }

let queue

const handle = async (job) => (job.name === 'stamp' ? stamp(job.data) : noop())

play({
  open: async () => {
    queue = new Queue(NAME, { connection })
    await queue.waitUntilReady()
  },
  close: () => queue.close(),
  setup: async () => {},
  enqueueOne: (name, data) => queue.add(name, data),
  enqueueMany: async (count) => {
    for (let left = count; left > 0; left -= CHUNK)
      await queue.addBulk(Array.from({ length: Math.min(left, CHUNK) }, () => ({ name: 'noop', data: payload })))
  },
  work: async (configuration) => {
    const patient = { ...connection, maxRetriesPerRequest: null }
    const worker = new Worker(NAME, handle, { connection: patient, ...options[configuration] })
    tellUntilStopped(() => worker.close())
  },
})
