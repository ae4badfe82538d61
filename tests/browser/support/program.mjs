// Programs under test: started on free ports with a database of their own, ended by their pid.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PATIENCE_MS = 15000;
export const ADMIN_TOKEN = 'the-operator-of-the-browser-tests';

export async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'errand-browser-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

function programFrom(variable) {
  const path = process.env[variable];
  if (!path || !existsSync(path)) throw new Error(`${variable} must name a built program; it is '${path ?? ''}'`);
  return path;
}

// One run of a program that logs JSON to its standard error.
class Program {
  #child;
  #ended;
  #lines = [];
  #watchers = new Set();

  constructor(path, args, environment, folder) {
    const inherited = { PATH: process.env.PATH, HOME: process.env.HOME };
    this.#child = spawn(path, args, {
      cwd: folder,
      env: { ...inherited, LOG_FORMAT: 'json', ADMIN_TOKEN, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#ended = once(this.#child, 'exit').then(([code, signal]) => {
      this.#hear(`ended with ${code ?? signal}`);
      return code;
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      createInterface({ input: stream }).on('line', (line) => this.#hear(line));
  }

  #hear(line) {
    this.#lines.push(line);
    for (const watcher of this.#watchers) watcher(line);
  }

  // What `find` returns for the first line, heard before or from now on, for which it returns something.
  line(find) {
    for (const line of this.#lines) {
      const found = find(line);
      if (found) return Promise.resolve(found);
    }
    return new Promise((resolve, reject) => {
      const done = (settle, value) => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        settle(value);
      };
      const watcher = (line) => {
        const found = find(line);
        if (found) done(resolve, found);
        else if (line.startsWith('ended with')) done(reject, new Error(this.#lines.join('\n')));
      };
      const timer = setTimeout(() => done(reject, new Error(`no such line in time:\n${this.#lines.join('\n')}`)), PATIENCE_MS);
      this.#watchers.add(watcher);
    });
  }

  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#ended;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS);
    const code = await this.#ended;
    clearTimeout(timer);
    return code;
  }
}

const ready = (line) => line.startsWith('{') && JSON.parse(line).dashboard;

// The host program of the end-to-end tests: the operator's page is at `address`.
export async function startHost(folder, environment = {}) {
  const program = new Program(
    programFrom('ERRAND_HOST'), ['serve'], { DATABASE_URL: `sqlite:${folder}/host.db`, PORT: '0', ...environment }, folder);
  const address = await program.line(ready);
  return { address, stop: () => program.stop() };
}

// The example: the operator's page at `dashboard`, its own page, on the port after, at `address`.
export async function startDemo(folder, port) {
  const program = new Program(
    programFrom('ERRAND_DEMO'), ['serve'],
    { DATABASE_URL: `sqlite:${folder}/demo.db`, DEMO_FOLDER: `${folder}/demo`, PORT: String(port), WORKER_COUNT: '2' }, folder);
  const address = await program.line((line) => /^The demo's page: +(\S+)/.exec(line)?.[1]);
  const dashboard = await program.line(ready);
  return { address, dashboard, stop: () => program.stop() };
}

function listen(port) {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

const close = (server) => new Promise((resolve) => server.close(resolve));

// A port that is free and whose successor is, so that a program can be started there again.
export async function freePortPair() {
  for (;;) {
    const first = await listen(0);
    const { port } = first.address();
    const second = await listen(port + 1).catch(() => null);
    await close(first);
    if (second === null) continue;
    await close(second);
    return port;
  }
}
