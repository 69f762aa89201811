// A post stays in the browser until it has an answer; every attempt carries the same key.
const POST = "sarnakh:post:";
const FINAL = [400, 404, 413, 415, 422]; // sent again they would be refused again
const flying = new Map();
const places = new Map(); // of a post's key: the form it came from, and whether we speak there
let isBarred = false; // by the page's own policy

const posts = () =>
  local
    .keys()
    .filter((key) => key.startsWith(POST))
    .map(local.get)
    .filter((post) => post && post.said)
    .sort((one, other) => one.at - other.at);
const keep = (post) => {
  const name = POST + post.key;
  const isKnown = local.get(name) && !local.isLoose(name);
  return local.set(name, post, !!isKnown || posts().length < MOST_POSTS);
};
const forget = (post) => local.drop(POST + post.key);
// The key is in the body too: a beacon has no headers.
const bodyOf = ({ said, elapsed, key }) =>
  JSON.stringify(Object.assign(JSON.parse(said), { ms_open: elapsed, idempotency_key: key }));

const ask = (post, options) => {
  const body = bodyOf(post);
  const keepalive = new Blob([body]).size < 60000; // of more it is refused
  const request = Object.assign({ method: "POST", body, keepalive, credentials: "omit" }, options);
  const late = pause(PATIENCE).then(() => Promise.reject(new Error("no answer")));
  return Promise.race([fetch(post.url, request), late]);
};

const waitTold = (answer) => {
  const text = answer && answer.headers.get("Retry-After");
  const seconds = text ? (isNaN(text) ? (Date.parse(text) - now()) / 1000 : +text) : 0;
  return Math.min(Math.max(seconds || 0, 0), 86400) * 1000;
};

// Somebody answers but the page may not read it: this page's host is none of the site's. The
// server keeps such a post for review; its answer is never seen, so it is sent three times.
const unseen = async (post) => {
  await ask(post, { mode: "no-cors" });
  post.unseen = (post.unseen || 0) + 1;
  console.warn("sarnakh: this host is not under `hosts`");
};

// One attempt, and what came of it.
const deliver = async (post) => {
  flying.set(post.key, post);
  const headers = {
    Accept: "application/json",
    "Content-Type": "application/json",
    "Idempotency-Key": post.key,
  };
  let isBarredThere = false;
  const answer = await ask(post, { headers }).catch((error) => {
    isBarredThere = error instanceof TypeError && navigator.onLine;
  });
  if (isBarredThere) await unseen(post).catch(() => null);
  const said = answer && (await answer.json().catch(() => null));
  flying.delete(post.key);
  const outcome = { name: "kept", key: post.key, status: answer ? answer.status : 0, said };
  if ((answer && answer.ok) || post.unseen > 2) {
    forget(post);
    const thanks = answer && answer.headers.get("Location");
    return Object.assign(outcome, { name: "sent", thanks: thanks && new URL(thanks, home).href });
  }
  const isOld = now() - post.at > KEPT_DAYS * DAY;
  if (isOld || FINAL.includes(outcome.status)) {
    forget(post);
    return Object.assign(outcome, { name: "refused", isOld, values: JSON.parse(post.said) });
  }
  post.tries += 1;
  post.floor = now() + waitTold(answer);
  const backoff = Math.min(2 ** post.tries * 1000, 6e5) * (0.75 + Math.random() / 2);
  post.next = Math.max(post.floor, now() + backoff);
  outcome.isDurable = keep(post);
  return outcome;
};

// One tab at a time sends what was kept.
const LEASED = "sarnakh:sending";
const me = unique();
const alone = async (work) => {
  if (navigator.locks) {
    const once = (lock) => lock && work();
    return navigator.locks.request("sarnakh", { ifAvailable: true }, once).catch(work);
  }
  const lease = local.get(LEASED);
  if (lease && lease.until > now()) return;
  local.set(LEASED, { by: me, until: now() + 2 * PATIENCE });
  await pause(50); // who wrote last has it
  if ((local.get(LEASED) || {}).by !== me) return;
  await work();
  local.drop(LEASED);
};

let timer = 0;
const plan = () => {
  clearTimeout(timer);
  const due = Math.min(...posts().map((post) => post.next));
  if (due < Infinity) timer = setTimeout(drain, Math.min(Math.max(due - now(), 1000), 6e5));
};
const drain = async () => {
  await alone(async () => {
    for (const post of posts()) {
      if (post.next > now() || flying.has(post.key)) continue;
      const outcome = await deliver(post);
      if (outcome.name === "kept") break;
      tell(outcome);
    }
  });
  plan();
};
// Something has changed: what waited of itself need not wait, what was told to wait must.
const wake = () => {
  for (const post of posts()) {
    const isOfAnotherClock = post.floor > now() + DAY;
    keep(Object.assign(post, { next: isOfAnotherClock ? 0 : post.floor }));
  }
  return drain();
};
