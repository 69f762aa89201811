// What the visitor and the page hear of it.
const WORDS = {
  fa: {
    sending: "در حال فرستادن…",
    sent: "رسید؛ به‌زودی با شما تماس می‌گیریم.",
    kept: "هنوز نرسیده است؛ نگه داشتیم و همین که ارتباط برقرار شود خودش فرستاده می‌شود.",
    loose: "هنوز نرسیده است؛ لطفاً این صفحه را باز نگه دارید.",
    lacking: "کامل نیست؛ لطفاً شمارهٔ تلفن یا ایمیل و دیگر بخش‌های لازم را پر کنید.",
    refused: "پذیرفته نشد؛ لطفاً از راه دیگری با ما تماس بگیرید.",
  },
  en: {
    sending: "Sending…",
    sent: "Thank you, we have it.",
    kept: "We have kept it: it goes by itself once there is a connection.",
    loose: "It is not through yet: please keep this page open.",
    lacking: "Please fill in a phone number or an e-mail, and all that is needed.",
    refused: "This was not taken: please reach us in another way.",
  },
};
const lines = new WeakMap();

const say = (form, what) => {
  const around = form.closest("[lang]");
  const lang = /^fa/i.test((around && around.lang) || navigator.language || "fa") ? "fa" : "en";
  let line = lines.get(form);
  if (!line) {
    line = document.createElement("p");
    line.className = "sarnakh-status";
    line.setAttribute("role", "status");
    lines.set(form, line);
  }
  if (form.parentNode && line.previousSibling !== form) form.after(line);
  line.lang = lang;
  line.dir = lang === "fa" ? "rtl" : "ltr";
  line.textContent = WORDS[lang][what];
};

// Tell the page; where it does not mind, tell the visitor too.
const tell = (outcome, isFirst) => {
  const { form, speaks } = places.get(outcome.key) || {};
  const { name, key, status, said, values, isOld, isDurable } = outcome;
  const detail = { key, status, answer: said, values, expired: isOld, durable: isDurable };
  const event = new CustomEvent("sarnakh:" + name, { bubbles: true, cancelable: true, detail });
  const minds = !(form && form.isConnected ? form : document).dispatchEvent(event);
  if (!form || !speaks) return;
  if (minds) {
    lines.get(form).remove();
    return;
  }
  if (isFirst && outcome.thanks && /^https?:/.test(outcome.thanks)) location.assign(outcome.thanks);
  const kept = isDurable ? "kept" : "loose";
  say(form, name === "kept" ? kept : status === 422 ? "lacking" : name);
  if (isFirst && (name === "sent" || isDurable)) HTMLFormElement.prototype.reset.call(form);
};
