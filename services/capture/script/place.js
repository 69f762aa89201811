// Where this script comes from is where forms and activities go.
const script = document.currentScript || document.querySelector('script[src*="/s.js"]');
const home = new URL(".", script.src).href;
const FORMS = home + "v1/forms/";
const DAY = 864e5;
const KEPT_DAYS = 7; // as long as the server remembers a key
const MOST_POSTS = 20;
const LEASE = 3000; // of a post that a page has just begun to send, in milliseconds
const PATIENCE = 15000;
const TRAP = script.dataset.honeypot || "fax_2";
const PARAMETERS = [
  "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id",
  "gclid", "gbraid", "wbraid", "fbclid", "ttclid", "ScCid", "li_fat_id", "msclkid", "_sn",
];

const now = () => Date.now();
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const attempt = (work) => {
  try {
    return work();
  } catch (refused) {
    return null;
  }
};
// `crypto.randomUUID` is for https alone.
const unique = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0")
  ).join("");

// A browser may refuse its storage: what cannot be kept then lives as long as the page.
const shelf = (name) => {
  const real = attempt(() => window[name]);
  const loose = new Map();
  return {
    get: (key) =>
      loose.has(key) ? loose.get(key) : attempt(() => JSON.parse(real.getItem(key))),
    // Whether it outlives the page.
    set(key, value, forGood = true) {
      loose.delete(key);
      const kept = forGood && attempt(() => real.setItem(key, JSON.stringify(value)) || true);
      if (!kept) loose.set(key, value);
      return !!kept;
    },
    drop(key) {
      loose.delete(key);
      attempt(() => real.removeItem(key));
    },
    keys: () => [...new Set([...loose.keys(), ...(attempt(() => Object.keys(real)) || [])])],
    isLoose: (key) => loose.has(key),
  };
};
const local = shelf("localStorage");
const session = shelf("sessionStorage");
