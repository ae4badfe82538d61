// A Node.js program as the parent of a worker: the worker finds its line as any child of Node's does.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

const HOST = process.env.ERRAND_HOST;
const PATIENCE_MS = 15000;
const USER = 42;

let folder;
let environment;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'errand-node-'));
  environment = {
    PATH: process.env.PATH,
    DATABASE_URL: `sqlite:${join(folder, 'errand.db')}`,
    POLL_INTERVAL: '60s',
    WORKER_LOG_LEVEL: 'debug',
  };
  await errand('migrate');
});

after(() => rm(folder, { recursive: true, force: true }));

async function errand(...args) {
  const { stdout } = await promisify(execFile)(HOST, args, { cwd: folder, env: environment });
  return stdout;
}

async function submit(type, data) {
  const said = await errand('submit', type, '--tag', 'node', '--user', `${USER}`, '--data', JSON.stringify(data), '--json');
  return JSON.parse(said).id;
}

// One worker with an `ipc` channel; what it says is kept, so that waiting may begin late.
class Worker {
  #heard = [];
  #watchers = new Set();

  constructor() {
    this.child = spawn(HOST, [], {
      cwd: folder,
      env: { ...environment, WORKER_ID: '1' },
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    this.log = '';
    this.child.stderr.on('data', (text) => (this.log += text));
    this.exit = once(this.child, 'exit');
    this.child.on('message', (message) => {
      this.#heard.push(message);
      for (const watcher of this.#watchers) watcher(message);
    });
  }

  say(message) {
    this.child.send(message);
  }

  hears(type, fits = () => true) {
    const wanted = (message) => message.type === type && fits(message);
    const found = this.#heard.find(wanted);
    if (found) return found;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no ${type} in ${JSON.stringify(this.#heard)}\n${this.log}`)), PATIENCE_MS);
      this.#watchers.add((message) => {
        if (!wanted(message)) return;
        clearTimeout(timer);
        resolve(message);
      });
    });
  }
}

async function withWorker(use) {
  const worker = new Worker();
  try {
    const started = await worker.hears('worker-started');
    assert.equal(started.pid, worker.child.pid);
    await use(worker);
  } finally {
    worker.child.kill('SIGKILL');
    await worker.exit;
  }
}

test('a worker greets, works when it is woken, and tells what belongs to a user', () =>
  withWorker(async (worker) => {
    const hello = await worker.hears('hello');
    assert.equal(hello.protocol, 1);
    assert.equal(hello.pid, worker.child.pid);
    await worker.hears('heartbeat', (beat) => beat.rssBytes > 0);

    const id = await submit('tellUser', {});
    worker.say({ type: 'wake' });
    const sent = await worker.hears('send-to-user');
    assert.equal(sent.userId, USER);
    assert.equal(sent.message.type, 'notification_received');
    const finished = await worker.hears('job-finished');
    assert.equal(finished.jobs[0].id, id);
    assert.equal(finished.jobs[0].state, 'succeeded');
  }));

test('a job is cancelled, and messages of unknown types are passed over', () =>
  withWorker(async (worker) => {
    const id = await submit('obey', {});
    worker.say({ type: 'somebody-elses', payload: 'Grüße' });
    worker.say({ type: 'wake' });
    await worker.hears('job-started', (started) => started.id === id);
    worker.say({ type: 'cancel-job', id });
    const finished = await worker.hears('job-finished');
    assert.equal(finished.jobs[0].state, 'cancelled');
  }));

test('a worker whose jobs end faster than its parent reads stays, and says all of it', () =>
  withWorker(async (worker) => {
    const count = 3000;
    const ended = new Set();
    const many = await submit('many', { count, dueMs: 1000 });
    worker.say({ type: 'wake' });
    await worker.hears('job-finished', ({ jobs }) => jobs.some(({ id }) => id === many));
    // They run while this call lasts, and this program reads nothing.
    const last = ['submit', 'say', '--due', '2s', '--priority', '9', '--wait=15s', '--data', '{}'];
    execFileSync(HOST, last, { cwd: folder, env: environment });
    await worker.hears('job-finished', ({ jobs }) => {
      for (const { id, type } of jobs) if (type === 'say') ended.add(id);
      return ended.size >= count;
    });
    assert.equal(worker.child.exitCode, null, worker.log);
  }));

test('a worker that is drained says goodbye and exits with 0', () =>
  withWorker(async (worker) => {
    worker.say({ type: 'drain' });
    assert.equal((await worker.hears('worker-shutdown')).pid, worker.child.pid);
    assert.deepEqual(await worker.exit, [0, null]);
  }));

test('a worker whose parent lets go of it puts back what runs and leaves', () =>
  withWorker(async (worker) => {
    const id = await submit('obey', {});
    worker.say({ type: 'wake' });
    await worker.hears('job-started', (started) => started.id === id);
    worker.child.disconnect();
    assert.deepEqual(await worker.exit, [0, null], worker.log);
    assert.equal(JSON.parse(await errand('job', `${id}`, '--json')).state, 'scheduled');
    await errand('cancel', `${id}`);
  }));

test('what a handler starts does not inherit the line to the parent', () =>
  withWorker(async (worker) => {
    const pid = worker.child.pid;
    const flags = (await readFile(`/proc/${pid}/fdinfo/3`, 'utf8')).match(/^flags:\s*0?(\d+)/m)[1];
    const CLOSE_ON_EXEC = 0o2000000;
    assert.ok(parseInt(flags, 8) & CLOSE_ON_EXEC, `flags of the line: ${flags}`);
  }));
