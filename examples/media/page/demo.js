"use strict";

const byId = (id) => document.getElementById(id);
const jobs = new Map();
const state = { session: null, socket: null, delay: 500, lastNotification: 0, picture: 0, round: 0, registrations: 0 };
const FINISHED = ["succeeded", "failed", "cancelled", "again"];
const SHOWN_MAX = 50;

function element(tag, text, className) {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  if (className) node.className = className;
  return node;
}

// The newest come first; the oldest make room.
function prepend(list, item) {
  byId(list).prepend(item);
  while (byId(list).children.length > SHOWN_MAX) byId(list).lastElementChild.remove();
}

function showLink(on, text) {
  byId("link").dataset.state = on ? "on" : "off";
  byId("link").textContent = text;
}

function rowOf(job) {
  let row = jobs.get(job.id);
  if (!row) {
    const item = element("li");
    const head = element("div", undefined, "head");
    const name = element("b");
    const status = element("span", "waiting", "state");
    const bar = element("progress");
    const note = element("p", "", "note");
    bar.max = 1;
    bar.value = 0;
    head.append(name, status);
    item.append(head, bar, note);
    prepend("jobs", item);
    row = { item, name, status, bar, note };
    jobs.set(job.id, row);
  }
  if (job.type) row.name.textContent = `${job.type} #${job.id}`;
  else if (!row.name.textContent) row.name.textContent = `#${job.id}`;
  return row;
}

function errorOf(job) {
  return job.error && job.error.error ? job.error.error : job.reason || "";
}

function showProgress(data) {
  const row = rowOf(data);
  if (FINISHED.includes(row.item.dataset.state)) return;
  row.item.dataset.state = "started";
  row.status.textContent = "running";
  row.bar.value = data.done;
  row.note.textContent = data.note;
}

function showFinished(job) {
  const row = rowOf(job);
  const again = job.state === "failed" && job.reason !== "gave_up" && job.attempt < job.maxAttempts;
  const took = job.started && job.finished ? ` in ${Date.parse(job.finished) - Date.parse(job.started)} ms` : "";
  row.item.dataset.state = again ? "again" : job.state;
  row.status.textContent = again ? "failed, will be tried again" : job.state + took;
  row.bar.value = 1;
  const attempt = again || job.attempt > 1 ? `attempt ${job.attempt} of ${job.maxAttempts}` : "";
  row.note.textContent = [attempt, job.state === "succeeded" ? "" : errorOf(job)].filter(Boolean).join(": ");
}

const sentences = {
  imageReady: (news) => `A picture is ready: ${news.width} × ${news.height}`,
  importFinished: (news) => `${news.rows} rows of ${news.path} are imported`,
  emailSent: (news) => `Mail to ${news.to} was accepted`,
  reportReady: () => "The report is written",
};

function showNotification(notification) {
  if (notification.id <= state.lastNotification) return;
  state.lastNotification = notification.id;
  const news = notification.data || {};
  const item = element("li", (sentences[news.type] || (() => news.type || "News"))(news));
  item.append(element("br"), element("time", new Date(notification.createdAt).toLocaleTimeString()));
  if (news.type === "imageReady") {
    const image = element("img");
    image.src = `/files/${news.path}?${notification.id}`;
    image.alt = "the resized picture";
    item.append(image);
  }
  if (news.type === "reportReady") {
    const link = element("a", "open it");
    link.href = `/files/${news.path}`;
    link.target = "_blank";
    item.append(" ", link);
  }
  prepend("news", item);
}

// Notifications are replayed by the server; how jobs ended while nobody listened has to be asked.
async function catchUp() {
  for (const [id, row] of jobs) {
    if (FINISHED.includes(row.item.dataset.state)) continue;
    const answer = await fetch(`/jobs/${id}`);
    if (!answer.ok) continue;
    const job = await answer.json();
    if (FINISHED.includes(job.state) && jobs.get(id) === row) showFinished(job);
  }
}

function onMessage(message) {
  if (message.type === "registered") {
    state.delay = 500;
    ++state.registrations;
    showLink(true, `live as user ${message.data.userId}`);
    catchUp();
  } else if (message.type === "notification_received") showNotification(message.data);
  else if (message.type === "job_progress") showProgress(message.data);
  else if (message.type === "job_finished") showFinished(message.data);
  else if (message.type === "error") showLink(false, message.data.message);
}

function connect() {
  const socket = new WebSocket(`ws://${location.host}/ws`);
  state.socket = socket;
  socket.onopen = () => {
    if (state.socket !== socket) return socket.close();
    // 0 asks for all that this user has ever been told.
    const hello = { type: "register", jwtToken: state.session.token, lastNotificationId: state.lastNotification };
    socket.send(JSON.stringify(hello));
  };
  socket.onmessage = (event) => state.socket === socket && onMessage(JSON.parse(event.data));
  socket.onclose = () => {
    if (state.socket !== socket) return;
    showLink(false, "the connection is lost; trying again");
    setTimeout(() => state.socket === socket && begin(), state.delay);
    state.delay = Math.min(state.delay * 2, 10000);
  };
}

// Another user may be chosen while this waits for an answer: only the last beginning counts.
async function begin() {
  const round = ++state.round;
  try {
    const answer = await fetch(`/session?user=${byId("user").value}`);
    if (!answer.ok) throw new Error(`${answer.status}`);
    const session = await answer.json();
    if (round !== state.round) return;
    state.session = session;
    byId("dashboard").href = session.dashboard;
    connect();
  } catch {
    if (round !== state.round) return;
    showLink(false, "the demo does not answer; trying again");
    setTimeout(() => round === state.round && begin(), 1000);
  }
}

function changeUser() {
  const socket = state.socket;
  state.socket = null;
  state.lastNotification = 0;
  // One that is not open yet is closed when it opens.
  if (socket && socket.readyState === WebSocket.OPEN) socket.close();
  jobs.clear();
  byId("jobs").replaceChildren();
  byId("news").replaceChildren();
  showLink(false, "connecting…");
  begin();
}

async function submit(button) {
  const wish = { userId: Number(byId("user").value) };
  if (button.dataset.to) wish.to = button.dataset.to;
  if (button.dataset.kind === "resizeImage") wish.picture = state.picture++;
  const registrations = state.registrations;
  const answer = await fetch(`/jobs/${button.dataset.kind}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(wish),
  });
  const body = await answer.json();
  if (!answer.ok) return showLink(false, body.error.message);
  rowOf(body);
  // It may have ended while nobody listened, and before this page knew of it.
  if (registrations !== state.registrations) catchUp();
}

byId("user").addEventListener("change", changeUser);
for (const button of document.querySelectorAll("button[data-kind]"))
  button.addEventListener("click", () => submit(button).catch((error) => showLink(false, String(error))));
begin();
