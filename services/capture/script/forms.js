// Which forms are ours, what they say, and the way of one that is sent.
const met = new WeakMap(); // when a form was first seen
const ours = new WeakSet(); // inputs of our making
const resets = new WeakMap();
const begun = new WeakMap();
const flights = new Map();
const contacts = "[type=tel],[type=email],[autocomplete~=tel],[autocomplete~=email]";

// Where a form goes and whether we answer for it; null for one that is not ours at all.
// One with an address of its own keeps it: we only send beside it.
const address = (form, submitter) => {
  const named = form.getAttribute("data-sarnakh");
  const own = (submitter && submitter.getAttribute("formaction")) || form.getAttribute("action");
  const url = (own && attempt(() => new URL(own, document.baseURI).href)) || "";
  const method = (form.getAttribute("method") || "get").toLowerCase();
  if (named === "off" || method === "dialog") return null;
  if (url.startsWith(FORMS)) return { url: url.replace(/[?#].*/, ""), isAction: true, isOwn: true };
  const key = named || script.dataset.form;
  if (!key) return null;
  const isNowhere = !own || own === "#";
  const others = "[type=password],[type=search]";
  if (!named && (form.getAttribute("role") === "search" || form.querySelector(others))) return null;
  const isOwn = isNowhere && (!!named || (method === "get" && !!form.querySelector(contacts)));
  return { url: FORMS + encodeURIComponent(key), isAction: false, isOwn };
};

const hidden = (form, values) => {
  for (const input of form.querySelectorAll("[type=hidden]")) {
    if (ours.has(input) && !(input.name in values)) input.value = "";
  }
  for (const name of Object.keys(values)) {
    let input = form.querySelector('[name="' + name + '"]');
    if (!input) {
      input = document.createElement("input");
      Object.assign(input, { type: "hidden", name });
      form.appendChild(input);
    }
    if (input.type === "hidden" && !input.value) ours.add(input);
    if (ours.has(input)) input.value = values[name];
  }
};
// What a form of ours carries even when the browser itself sends it.
const dress = (form, more) => {
  hidden(form, Object.assign(context(), more));
  if (form.querySelector('[name="' + TRAP + '"]')) return;
  const trap = document.createElement("input");
  Object.assign(trap, { type: "text", name: TRAP, tabIndex: -1, autocomplete: "off" });
  trap.setAttribute("aria-hidden", "true");
  // Upwards, as to the left a page in Persian would scroll; by the CSSOM, which no policy bars.
  const style = { position: "fixed", top: "-999px", width: "1px", opacity: "0" };
  Object.assign(trap.style, style, { pointerEvents: "none" });
  form.appendChild(trap);
};
const meet = (form) => {
  if (met.has(form)) return;
  met.set(form, performance.now());
  const to = address(form);
  if (to && to.isOwn) attempt(() => dress(form));
};

const read = (form, submitter) => {
  const found = {};
  const add = (value, name) => {
    const { name: file, type: content_type, size } = value;
    const isFile = typeof value !== "string";
    if (isFile && !file) return;
    const one = isFile ? { file, content_type, size } : value;
    found[name] = name in found ? [].concat(found[name], one) : one;
  };
  Object.setPrototypeOf(found, null);
  new FormData(form).forEach(add);
  if (submitter && submitter.name) add(submitter.value, submitter.name);
  for (const one of form.querySelectorAll("[type=password],[autocomplete^=cc-]")) {
    delete found[one.name];
  }
  return found;
};

// What is filled counts before what is empty, the later before the earlier.
const merged = (values, more) => {
  for (const name of Object.keys(more)) {
    if (more[name] !== "" || !(name in values)) values[name] = more[name];
  }
  return values;
};

// The window hears of a submit first, before the page's own handlers …
const begin = (event) => {
  const form = event.target;
  const to = form instanceof HTMLFormElement && address(form, event.submitter);
  if (!to) return;
  meet(form);
  const key = unique();
  const elapsed = String(Math.round(performance.now() - met.get(form)));
  if (to.isOwn) dress(form, { ms_open: elapsed, idempotency_key: key });
  resets.delete(form);
  begun.set(event, { form, to, key, elapsed, early: read(form, event.submitter) });
  setTimeout(() => settle(event, true)); // where a handler stops the event on its way
};

// … and last, when they have said whether they take care of it.
const settle = (event, isOver) => {
  const { form, to, key, elapsed, early } = begun.get(event) || {};
  if (!form) return;
  begun.delete(event);
  const speaks = to.isOwn && !event.defaultPrevented && !isOver;
  if (to.isAction && !event.defaultPrevented && isOver) return; // the browser is sending it
  const late = resets.has(form) ? {} : read(form, event.submitter);
  const values = merged(merged(context(), early), late);
  delete values.ms_open;
  delete values.idempotency_key;
  const said = JSON.stringify(values);
  const at = now();
  const times = { at, tries: 0, next: at + LEASE, floor: at + LEASE };
  const twin = posts().find((post) => post.url === to.url && post.said === said);
  const post = twin || Object.assign({ key, url: to.url, said, elapsed }, times);
  if (speaks) event.preventDefault();
  send(post, form, speaks, to.isAction);
};

const send = async (post, form, speaks, isAction) => {
  const same = post.url + post.said;
  if (now() - flights.get(same) < 60000) return; // a second click
  flights.set(same, now());
  places.set(post.key, { form, speaks });
  const isDurable = keep(post);
  if (speaks) attempt(() => say(form, "sending"));
  const isTold = post.tries && post.floor > now(); // to wait, by the server
  const outcome = isTold ? { name: "kept", key: post.key, isDurable } : await deliver(post);
  if (outcome.name !== "sent") flights.delete(same);
  if (speaks && isAction && outcome.name === "kept") {
    await pause(50); // until the policy's event is here
    if (isBarred) {
      forget(post);
      HTMLFormElement.prototype.submit.call(form);
      return;
    }
  }
  tell(outcome, true);
  plan();
};
