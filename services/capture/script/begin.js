// Started last: everything that it names is there.
const known = local.get(VISITOR);
const declared = script.dataset.consent;
const isGiven = declared === "granted" || (declared !== "denied" && isFresh(known));
if (isGiven) visitor = isFresh(known) ? known.id : unique();
arrive();
consent(isGiven);

const look = () => document.querySelectorAll("form").forEach(meet);
let looking = 0;
const lookSoon = () => {
  looking = looking || setTimeout(() => (looking = 0) || look(), 100);
};
look();
new MutationObserver(lookSoon).observe(document.documentElement, {
  childList: true,
  subtree: true,
});

addEventListener("submit", (event) => attempt(() => begin(event)), true);
addEventListener("submit", (event) => attempt(() => settle(event, false)));
addEventListener("reset", (event) => resets.set(event.target, true), true);
addEventListener("online", wake);
addEventListener("pageshow", (event) => event.persisted && wake());
document.addEventListener("visibilitychange", () => document.hidden || wake());
document.addEventListener("securitypolicyviolation", (event) => {
  const isOurs = home.startsWith(event.blockedURI) || event.blockedURI.startsWith(home);
  const isEnforced = event.effectiveDirective === "connect-src" && event.disposition === "enforce";
  isBarred = isBarred || (isEnforced && isOurs);
});
if (!("keepalive" in Request.prototype)) {
  const part = (post) => navigator.sendBeacon(post.url, bodyOf(post));
  addEventListener("pagehide", () => flying.forEach(part));
}
wake();

window.sarnakh = { consent, view };
document.dispatchEvent(new CustomEvent("sarnakh:ready"));
