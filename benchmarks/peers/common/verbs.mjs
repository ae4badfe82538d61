// The verbs of benchmarks/compare/peers.py for a peer written in JavaScript, from what it can do: setup, enqueueMany,
// enqueueOne, close, work.
import { createInterface } from 'node:readline'

import { now, payload } from './job.mjs'

const print = (result) => console.log(JSON.stringify(result))

async function bulk(peer, count) {
  const begin = now()
  await peer.enqueueMany(Number(count))
  print({ seconds: (now() - begin) / 1e6 })
}

async function one(peer, seconds) {
  const begin = now()
  const end = begin + Number(seconds) * 1e6
  let count = 0
  for (; now() < end; count += 1) await peer.enqueueOne('noop', payload)
  print({ count, seconds: (now() - begin) / 1e6 })
}

async function submit(peer) {
  for await (const _ of createInterface({ input: process.stdin })) await peer.enqueueOne('stamp', { at: now() })
}

export async function play(peer) {
  const [verb, configuration, argument] = process.argv.slice(2)
  if (verb === 'worker') return peer.work(configuration)
  const verbs = { setup: () => peer.setup(), bulk, one, submit }
  await peer.open()
  await verbs[verb](peer, argument)
  await peer.close()
}
