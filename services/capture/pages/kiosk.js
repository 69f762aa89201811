// A tablet at a booth: each person finds the form empty, and nothing of whoever was there before.
(() => {
  "use strict";
  const THANKS = 6000;
  const LEFT = 60000; // somebody has walked away
  const form = document.querySelector("form");
  const thanks = document.getElementById("thanks");
  const told = document.getElementById("told");
  let timer = 0;

  const begin = () => {
    clearTimeout(timer);
    form.reset();
    told.hidden = thanks.hidden = true;
    form.hidden = false;
    form.querySelector("input:not([type=hidden])").focus({ preventScroll: true });
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(begin, LEFT);
  };
  const thanked = new Set(); // what was kept is told of again once it is through
  const done = (event) => {
    event.preventDefault();
    if (thanked.has(event.detail.key)) return;
    thanked.add(event.detail.key);
    form.hidden = true;
    thanks.hidden = false;
    thanks.querySelector("button").focus({ preventScroll: true });
    clearTimeout(timer);
    timer = setTimeout(begin, THANKS);
  };

  form.addEventListener("sarnakh:sent", done);
  form.addEventListener("sarnakh:kept", (event) => {
    // What the browser cannot keep is lost with the page: then the person is to hear of it.
    if (event.detail.durable) done(event);
  });
  form.addEventListener("sarnakh:refused", (event) => {
    event.preventDefault();
    if (thanked.has(event.detail.key)) return;
    told.textContent = event.detail.status === 422 ? form.dataset.lacking : form.dataset.refused;
    told.hidden = false;
    wait();
  });
  thanks.querySelector("button").addEventListener("click", begin);
  form.addEventListener("input", wait);
  addEventListener("pageshow", begin);
  const awake = () => {
    if (!document.hidden && navigator.wakeLock) navigator.wakeLock.request("screen").catch(() => {});
  };
  document.addEventListener("visibilitychange", awake);
  awake();
})();
