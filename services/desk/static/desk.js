// Keyboard, clocks, what arrives meanwhile, and copying: everything works without this file too.
(() => {
  const find = (selector) => document.querySelector(selector);
  const lang = document.documentElement.lang;
  const number = new Intl.NumberFormat(lang === "fa" ? "fa-IR" : "en", { useGrouping: false });
  const words = JSON.parse(document.body.dataset.left || "{}");

  // Keyboard.
  const typing = (element) => element.matches("input, textarea, select, [contenteditable]");
  const move = (by) => {
    const all = [...document.querySelectorAll("#leads > li > a")];
    if (!all.length) return;
    const now = all.indexOf(document.activeElement);
    all[Math.min(Math.max(now < 0 ? 0 : now + by, 0), all.length - 1)].focus();
  };
  // The chosen lead of the list is acted on where it stands: its row is drawn again, nothing moves.
  const CHOSEN = { a: "accept", c: "contacted" };
  const tell = (words, bad) => {
    const toast = document.createElement("p");
    toast.className = bad ? "toast bad" : "toast";
    toast.textContent = words;
    find("#toasts")?.append(toast);
    setTimeout(() => toast.remove(), 6000);
  };
  const actOn = async (row, action) => {
    if (row.ariaBusy) return;
    row.ariaBusy = "true";
    const csrf = find('[name="csrf"]')?.value ?? "";
    const { once, assignment } = row.dataset;
    const body = new URLSearchParams({ action, csrf, assignment, key: `${once}-${action}` });
    const headers = { "X-Row": "1", Accept: "text/html" };
    const path = `/leads/${row.dataset.id}/actions`;
    const answer = await fetch(path, { method: "POST", body, headers }).catch(() => null);
    const made = document.createElement("template");
    made.innerHTML = answer ? await answer.text() : "";
    const fresh = made.content.querySelector("li[data-said]");
    row.ariaBusy = null;
    if (!fresh) {
      tell(words.failed, true);
      return;
    }
    const held = row.contains(document.activeElement);
    row.replaceWith(fresh);
    if (held) fresh.querySelector("a").focus();
    tell(fresh.dataset.said, !answer.ok);
    tick();
  };
  const use = (element) => (typing(element) ? element.focus() : element.click());
  let going = -Infinity; // when g was pressed, by the clock of the page

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || find("dialog[open]")) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const key = event.key;
    const letter = /^[a-z]$/.test(key);
    const place = letter && event.timeStamp - going < 1500 && find(`[data-go="${key}"]`);
    const named = letter && find(`[data-key="${key}"]`);
    const row = key in CHOSEN && document.activeElement.closest("#leads > li");
    going = key === "g" && !place ? event.timeStamp : -Infinity;
    if (place) place.click();
    else if (key === "g") return;
    else if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "/" && find("#q")) find("#q").focus();
    else if (key === "?") find("#keys")?.showModal();
    else if (row) actOn(row, CHOSEN[key]);
    else if (named) use(named);
    else return;
    event.preventDefault();
  });

  // Clocks: the server has drawn them right; here they only go on.
  const span = (ms) => {
    for (const [name, unit] of [["days", 864e5], ["hours", 36e5], ["minutes", 6e4]]) {
      if (ms >= unit) return words[name].replace("{n}", number.format(Math.floor(ms / unit)));
    }
    return words.moment;
  };
  const tick = () => {
    const now = Date.now();
    for (const chip of document.querySelectorAll(".clock[data-due]")) {
      const { half, fifth, due } = chip.dataset;
      const late = now >= Date.parse(due);
      const early = now >= Date.parse(fifth) ? "fifth" : now >= Date.parse(half) ? "half" : "calm";
      const level = late ? "late" : early;
      chip.className = `chip clock ${level}`;
      const text = words[level].replace("{t}", span(Math.abs(Date.parse(due) - now)));
      if (chip.lastElementChild.textContent !== text) chip.lastElementChild.textContent = text;
    }
    for (const toast of document.querySelectorAll("[data-held-until]")) {
      const left = Math.ceil((Date.parse(toast.dataset.heldUntil) - now) / 1000);
      const shown = toast.querySelector("[data-seconds]");
      if (shown && left >= 0) shown.textContent = number.format(left);
      if (left <= 0) toast.querySelector("button")?.remove();
      if (left < -2 && !find("#lead")) toast.remove();
    }
  };
  setInterval(tick, 1000);

  // What arrives meanwhile: one stream, only while the page is looked at.
  const busy = (part) => {
    const at = document.activeElement;
    return (
      (part.contains(at) && typing(at)) ||
      part.querySelector("details.ask[open], .htmx-request") ||
      [...part.querySelectorAll("textarea")].some((field) => field.value.trim())
    );
  };
  let late = null;
  const refresh = async (mark) => {
    const part = find("#lead");
    if (!part || !mark || part.dataset.mark === mark) return;
    late = null;
    if (busy(part)) {
      late = mark;
      return;
    }
    const answer = await fetch(part.dataset.self, { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected || busy(part) || part !== find("#lead")) return;
    const held = part.contains(document.activeElement) && document.activeElement;
    const again = held && [...part.querySelectorAll("a, button, summary")].indexOf(held);
    const open = [...part.querySelectorAll("details.whole[open]")].map((one) => one.id);
    part.outerHTML = await answer.text();
    const fresh = find("#lead");
    for (const one of fresh.querySelectorAll("details.whole")) one.open = open.includes(one.id);
    globalThis.htmx?.process(fresh);
    if (held) fresh.querySelectorAll("a, button, summary")[again]?.focus();
    tick();
  };
  document.addEventListener("focusout", () => setTimeout(() => late && refresh(late), 200));

  const arrived = (ids) => {
    const bar = find("#fresh");
    if (!bar) return;
    const shown = new Set([...document.querySelectorAll("#leads > li")].map((li) => li.dataset.id));
    const end = shown.size ? ids.findLastIndex((id) => shown.has(id)) : ids.length;
    const count = ids.slice(0, end < 0 ? ids.length : end).filter((id) => !shown.has(id)).length;
    bar.textContent = bar.dataset.say.replace("{n}", number.format(count));
    bar.hidden = !count;
  };

  let stream = null;
  const listen = () => {
    const from = find("[data-live]");
    if (!from || stream || document.hidden) return;
    stream = new EventSource(from.dataset.live);
    stream.addEventListener("lead", (event) => refresh(event.data));
    stream.addEventListener("leads", (event) => arrived(JSON.parse(event.data)));
    stream.addEventListener("full", hush);
  };
  const hush = () => {
    stream?.close();
    stream = null;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? hush() : listen()));
  addEventListener("pagehide", hush);
  addEventListener("pageshow", listen);

  // Copying.
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(find(button.dataset.copy).textContent);
      button.textContent = button.dataset.done;
    });
  }
})();
