import { Logger, makeWorkerUtils, run } from 'graphile-worker'

import { noop, payload, stamp, tellUntilStopped } from '../common/job.mjs'
import { play } from '../common/verbs.mjs'

const connectionString = process.env.DATABASE_URL
const CHUNK = 10_000

const tasks = { noop: async () => noop(), stamp: async (data) => stamp(data) }

const silent = new Logger(() => () => {})

const configurations = {
  best: {
    logger: silent,
    preset: {
      worker: {
        connectionString,
        concurrentJobs: 24,
        maxPoolSize: 26,
        localQueue: { size: 2000 },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
  },
  default: { preset: { worker: { connectionString } } },
}

let utils

play({
  open: async () => {
    utils = await makeWorkerUtils({ connectionString, logger: silent })
  },
  close: () => utils.release(),
  setup: () => utils.migrate(),
  enqueueOne: (identifier, data) => utils.addJob(identifier, data),
  enqueueMany: async (count) => {
    for (let left = count; left > 0; left -= CHUNK) {
      const jobs = Array.from({ length: Math.min(left, CHUNK) }, () => ({ identifier: 'noop', payload }))
      await utils.addJobs(jobs)
    }
  },
  work: async (configuration) => {
    const runner = await run({ ...configurations[configuration], taskList: tasks, noHandleSignals: true })
    tellUntilStopped(() => runner.stop())
  },
})
