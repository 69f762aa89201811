// Keyboard, and copying: everything works without this file too.
(() => {
  const typing = (element) => element.matches("input, textarea, select, [contenteditable]");
  const leads = () => [...document.querySelectorAll("#leads > li > a")];

  const move = (by) => {
    const all = leads();
    if (!all.length) return;
    const now = all.indexOf(document.activeElement);
    const next = Math.min(Math.max(now < 0 ? 0 : now + by, 0), all.length - 1);
    all[next].focus();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const key = event.key;
    const named = /^[a-z]$/.test(key) && document.querySelector(`[data-key="${key}"]`);
    if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "/" && document.getElementById("q")) document.getElementById("q").focus();
    else if (key === "?") document.getElementById("keys")?.showModal();
    else if (named) named.click();
    else return;
    event.preventDefault();
  });

  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent);
      button.textContent = button.dataset.done;
    });
  }
})();
