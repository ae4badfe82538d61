// The operator's side of the HTTP API, for what a test needs besides the page.
import { ADMIN_TOKEN } from './program.mjs';

export class Api {
  #base;

  constructor(address) {
    this.#base = new URL('/api/v1', address).href;
  }

  async #call(method, path, body) {
    const answer = await fetch(this.#base + path, {
      method,
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Type': 'application/json' },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(15000),
    });
    const answered = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${answered.error.message}`);
    return answered;
  }

  submit(job) {
    return this.#call('POST', '/jobs', { tag: 'test', ...job });
  }

  workers() {
    return this.#call('GET', '/workers').then((answer) => answer.workers);
  }

  job(id) {
    return this.#call('GET', `/jobs/${id}`);
  }

  cancel(id) {
    return this.#call('POST', `/jobs/${id}/cancel`);
  }

  // The last attempt of a job, finished.
  finished(id) {
    return this.#call('GET', `/jobs/${id}/wait?timeout=12s`);
  }
}
