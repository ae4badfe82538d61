// The operator's page. Whatever comes from the server becomes text, never markup.
'use strict';

const REFRESH_MS = 2000;
const TOKEN_KEY = 'errand.token';
const TOKEN = /^[\x21-\x7e]+$/;
const STATES = ['scheduled', 'started', 'succeeded', 'failed', 'cancelled'];

const view = { paused: false, cursor: null, next: null, job: null, typesKnown: false, timer: 0, round: 0 };
const byId = (id) => document.getElementById(id);

class HttpError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// Bidirectional controls and zero-width characters are shown, so that a tag cannot pose as another.
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

function visible(value) {
  return String(value).replace(HIDDEN, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
}

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = visible(text);
  if (className) made.className = className;
  return made;
}

function say(text, bad) {
  byId('status').textContent = visible(text);
  byId('status').classList.toggle('bad', Boolean(bad));
}

function takeTokenFromAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return;
  if (TOKEN.test(token)) sessionStorage.setItem(TOKEN_KEY, token);
  history.replaceState(null, '', location.pathname);
}

async function call(method, path) {
  const answer = await fetch('/api/v1' + path, {
    method,
    headers: { Authorization: 'Bearer ' + (sessionStorage.getItem(TOKEN_KEY) || '') },
    cache: 'no-store',
    credentials: 'omit',
    signal: AbortSignal.timeout(15000),
  });
  const body = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw new HttpError(answer.status, body.error.message);
  return body;
}

function clock(text) {
  if (!text) return '';
  const time = new Date(text);
  const today = time.toDateString() === new Date().toDateString();
  return today ? time.toLocaleTimeString() : time.toLocaleString();
}

function took(job) {
  if (!job.started) return '';
  const ms = (job.finished ? new Date(job.finished) : new Date()) - new Date(job.started);
  if (ms < 1000) return Math.max(0, ms) + ' ms';
  return ms < 120000 ? (ms / 1000).toFixed(1) + ' s' : Math.round(ms / 60000) + ' min';
}

function attemptText(job) {
  return job.maxAttempts ? job.attempt + ' of ' + job.maxAttempts : String(job.attempt);
}

function row(cells) {
  const line = element('tr');
  for (const cell of cells) {
    const place = element('td');
    if (cell instanceof Node) place.append(cell);
    else place.textContent = visible(cell === null || cell === undefined ? '' : cell);
    place.title = place.textContent;
    line.append(place);
  }
  return line;
}

function errorOf(job) {
  return job.error && typeof job.error.error === 'string' ? job.error.error : reasonOf(job);
}

function reasonOf(job) {
  return job.reason && job.reason !== job.state ? job.reason.replaceAll('_', ' ') : '';
}

function jobButton(id, text = '#' + id) {
  const button = element('button', text);
  button.type = 'button';
  button.dataset.key = id;
  button.addEventListener('click', () => openJob(id));
  return button;
}

// The focus stays where it is although all is made anew.
function fill(body, rows) {
  const active = document.activeElement;
  const focused = body.contains(active) ? active.dataset.key : undefined;
  body.replaceChildren(...rows);
  if (focused === undefined) return;
  const again = [...body.querySelectorAll('button')].find((one) => one.dataset.key === focused);
  if (again) again.focus();
}

function showCounts(jobs) {
  fill(byId('counts'), STATES.map((state) => {
    const entry = jobs[state] || { count: 0, capped: false };
    const item = element('li');
    const button = element('button');
    button.type = 'button';
    button.dataset.key = state;
    button.setAttribute('aria-pressed', String(byId('filter-state').value === state));
    button.append(element('strong', entry.count + (entry.capped ? '+' : ''), state), element('span', state, 'quiet'));
    button.addEventListener('click', () => chooseState(state));
    item.append(button);
    return item;
  }));
}

function showJobs(page) {
  view.next = page.next;
  fill(byId('jobs'), page.jobs.map((job) => row([
    jobButton(job.id), element('span', job.state, job.state), job.type, job.tag, job.queue,
    attemptText(job), clock(job.due), took(job), element('span', errorOf(job), 'failed'),
  ])));
  byId('no-jobs').hidden = page.jobs.length > 0;
  byId('older').hidden = page.next === null;
  byId('newest').hidden = view.cursor === null;
}

function running(worker) {
  const jobs = worker.running || [];
  if (worker.ended) return element('span', worker.endNote || 'ended', 'quiet');
  const place = element('span', jobs.length ? undefined : 'idle');
  for (const job of jobs) place.append(jobButton(job.id, '#' + job.id + ' ' + job.type));
  return place;
}

function megabytes(bytes) {
  return bytes ? Math.round(bytes / 1048576) + ' MiB' : '';
}

// A node's name is long and says nothing; its beginning tells two nodes of one host apart.
function host(worker) {
  return worker.hostname + ' (' + worker.node.slice(0, 6) + ')';
}

function showWorkers(workers) {
  byId('no-workers').hidden = workers.some((worker) => !worker.ended);
  fill(byId('workers'), workers.map((worker) => row([
    worker.slot, worker.pid, host(worker), clock(worker.started), megabytes(worker.rssBytes), running(worker),
  ])));
}

function lastRun(cron) {
  if (!cron.lastFinished) return '';
  const state = cron.lastSuccess ? 'succeeded' : 'failed';
  return element('span', clock(cron.lastFinished) + ' ' + state, state);
}

function showCrons(crons) {
  fill(byId('crons'), crons.map((cron) => row([
    cron.tag, cron.type, cron.schedule + (cron.timezone ? ' ' + cron.timezone : ''), clock(cron.nextDue), lastRun(cron),
  ])));
}

function showTypes(types) {
  for (const type of types) {
    const option = element('option', type.name);
    option.value = type.name;
    byId('filter-type').append(option);
  }
  view.typesKnown = true;
}

function fact(list, name, value) {
  if (value === null || value === undefined || value === '') return;
  list.append(element('dt', name), value instanceof Node ? value : element('dd', value));
}

// The sentence of an error stands by itself, what else there is (a backtrace, log lines) below it.
function showOutcome(job) {
  const { error: sentence, ...rest } = job.error || {};
  const shown = job.error ? rest : job.result;
  const empty = shown === null || shown === undefined || (job.error && Object.keys(rest).length === 0);
  byId('job-result-title').textContent = job.error ? 'Error' : 'Result';
  byId('job-result-title').hidden = !job.error && empty;
  byId('job-error').hidden = !job.error;
  byId('job-error').textContent = visible(sentence || '');
  byId('job-result').hidden = empty;
  byId('job-result').textContent = empty ? '' : visible(JSON.stringify(shown, null, 2));
}

function showJob(job, attempts) {
  byId('job-title').textContent = 'Job #' + job.id;
  const facts = byId('job-facts');
  facts.replaceChildren();
  fact(facts, 'State', element('dd', job.state + (reasonOf(job) ? ' (' + reasonOf(job) + ')' : ''), job.state));
  fact(facts, 'Type', job.type);
  fact(facts, 'Tag', job.tag);
  fact(facts, 'Queue', job.queue + ', priority ' + job.priority);
  fact(facts, 'User', job.userId || null);
  fact(facts, 'Attempt', attemptText(job));
  fact(facts, 'Due', clock(job.due));
  fact(facts, 'Started', clock(job.started));
  fact(facts, 'Finished', clock(job.finished));
  fact(facts, 'Took', took(job));
  fact(facts, 'Schedule', job.cronSchedule);
  if (job.progress) fact(facts, 'Progress', Math.round(job.progress.done * 100) + ' % ' + job.progress.note);
  byId('job-data').textContent = visible(JSON.stringify(job.data, null, 2));
  showOutcome(job);
  fill(byId('job-attempts'), attempts.map((attempt) => {
    const item = element('li');
    item.append(jobButton(attempt.id), element('span', ' ' + attempt.state, attempt.state),
      element('span', ' ' + [clock(attempt.started), took(attempt), errorOf(attempt)].filter(Boolean).join(', ')));
    return item;
  }));
  byId('job-retry').disabled = !job.finished;
  byId('job-cancel').disabled = Boolean(job.finished);
}

async function loadJob(id) {
  const [job, chain] = await Promise.all([call('GET', '/jobs/' + id), call('GET', '/jobs/' + id + '/attempts')]);
  if (view.job === id) showJob(job, chain.jobs);
}

async function openJob(id) {
  view.job = id;
  byId('job').hidden = false;
  await guarded(() => loadJob(id));
  byId('job').focus();
}

function closeJob() {
  const id = String(view.job);
  view.job = null;
  byId('job').hidden = true;
  const opener = [...byId('jobs').querySelectorAll('button')].find((one) => one.dataset.key === id);
  if (opener) opener.focus();
}

function jobsQuery() {
  const query = new URLSearchParams({ limit: '50' });
  const wanted = { state: byId('filter-state').value, type: byId('filter-type').value, tag: byId('filter-tag').value, cursor: view.cursor };
  for (const [name, value] of Object.entries(wanted)) if (value) query.set(name, value);
  return '/jobs?' + query;
}

function showSignedIn(signedIn) {
  byId('sign-in').hidden = signedIn;
  for (const id of ['main', 'pause', 'sign-out']) byId(id).hidden = !signedIn;
}

function signIn() {
  showSignedIn(false);
  byId('token').focus();
}

async function guarded(work) {
  try {
    await work();
    return true;
  } catch (error) {
    if (error.status === 401 || error.status === 403) {
      sessionStorage.removeItem(TOKEN_KEY);
      signIn();
    }
    if (error.status === 404 && view.job !== null) closeJob();
    say(error instanceof HttpError ? error.message : 'The server does not answer.', true);
    return false;
  }
}

async function refresh() {
  const round = ++view.round;
  clearTimeout(view.timer);
  if (!sessionStorage.getItem(TOKEN_KEY)) return signIn();
  const fine = await guarded(async () => {
    const [stats, page, workers, crons] = await Promise.all([
      call('GET', '/stats'), call('GET', jobsQuery()), call('GET', '/workers'), call('GET', '/crons')]);
    if (round !== view.round) return;
    if (!view.typesKnown) showTypes((await call('GET', '/types')).types);
    showSignedIn(true);
    showCounts(stats.jobs);
    showJobs(page);
    showWorkers(workers.workers);
    showCrons(crons.crons);
    if (view.job !== null) await loadJob(view.job);
  });
  if (round !== view.round) return;
  if (fine) say(view.paused ? 'Paused' : 'As of ' + new Date().toLocaleTimeString());
  if (!view.paused && sessionStorage.getItem(TOKEN_KEY)) view.timer = setTimeout(refresh, REFRESH_MS);
}

async function act(verb) {
  const id = view.job;
  const fine = await guarded(async () => {
    const job = await call('POST', '/jobs/' + id + '/' + verb);
    view.job = job.id;
  });
  if (fine) await refresh();
}

// Pressed again, it shows all states.
function chooseState(state) {
  byId('filter-state').value = byId('filter-state').value === state ? '' : state;
  return turnTo(null);
}

function turnTo(cursor) {
  view.cursor = cursor;
  return refresh();
}

byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  const token = byId('token').value.trim();
  byId('token').value = '';
  if (!TOKEN.test(token)) return say('A token has only visible ASCII characters.', true);
  sessionStorage.setItem(TOKEN_KEY, token);
  refresh();
});
byId('filter').addEventListener('submit', (event) => {
  event.preventDefault();
  turnTo(null);
});
byId('filter-state').addEventListener('change', () => turnTo(null));
byId('filter-type').addEventListener('change', () => turnTo(null));
byId('older').addEventListener('click', () => turnTo(view.next));
byId('newest').addEventListener('click', () => turnTo(null));
byId('job-close').addEventListener('click', closeJob);
byId('job-retry').addEventListener('click', () => act('retry'));
byId('job-cancel').addEventListener('click', () => act('cancel'));
byId('job').addEventListener('keydown', (event) => {
  if (event.key === 'Escape') closeJob();
});
byId('pause').addEventListener('click', () => {
  view.paused = !view.paused;
  byId('pause').setAttribute('aria-pressed', String(view.paused));
  byId('pause').textContent = view.paused ? 'Go on' : 'Pause';
  refresh();
});
byId('sign-out').addEventListener('click', () => {
  sessionStorage.removeItem(TOKEN_KEY);
  view.job = null;
  byId('job').hidden = true;
  byId('jobs').replaceChildren();
  say('');
  signIn();
});
window.addEventListener('hashchange', () => {
  takeTokenFromAddress();
  refresh();
});

takeTokenFromAddress();
refresh();
