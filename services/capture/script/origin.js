// Where the visitor came from (first and last touch), and who it is: that only with consent.
// Without consent all of it ends with the tab.
const CAME = "sarnakh:came";
const VISITOR = "sarnakh:visitor";
const isFresh = (known) => !!known && now() - known.at < 90 * DAY;
const outside = () => {
  const host = attempt(() => new URL(document.referrer).host);
  return host && host !== location.host && !home.includes("/" + host + "/") ? document.referrer : "";
};

let came = {};
let visitor = "";
let isViewed = false;

const arrive = () => {
  const inTab = session.get(CAME);
  came = inTab || (visitor && local.get(CAME)) || {};
  if (!isFresh(came.first)) came = {};
  if (!isFresh(came.last)) delete came.last;
  const query = new URLSearchParams(location.search);
  const said = {};
  for (const name of PARAMETERS) {
    const value = query.get(name);
    if (value) said[name] = value.slice(0, 512);
  }
  // Within a visit a foreign referrer is the way back from a bank or a login.
  if (!came.last || Object.keys(said).length || (!inTab && outside())) {
    came.last = { at: now(), page: location.href.slice(0, 2048), referrer: outside(), said };
    came.first = came.first || came.last;
  }
  session.set(CAME, came);
  if (visitor) local.set(CAME, came);
};

// What goes along with every form.
const context = () => {
  const { first, last } = came;
  const found = {
    page_url: location.href.slice(0, 2048),
    referrer: last.referrer || document.referrer,
    _landing_page: last.page,
  };
  Object.assign(found, last.said);
  if (first.at !== last.at) {
    found._first_at = new Date(first.at).toISOString();
    found._first_landing_page = first.page;
    found._first_referrer = first.referrer;
    for (const name of Object.keys(first.said)) found["_first_" + name] = first.said[name];
  }
  if (visitor) {
    found.visitor_id = visitor;
    for (const pair of document.cookie.split("; ")) {
      if (/^_fb[pc]=/.test(pair)) found[pair.slice(0, 4)] = pair.slice(5);
    }
  }
  for (const name of Object.keys(found)) if (!found[name]) delete found[name];
  return found;
};

const view = () => {
  if (!visitor || !navigator.sendBeacon) return;
  isViewed = true;
  const seen = {
    type: "page_view",
    visitor_id: visitor,
    page_url: location.href.slice(0, 2048),
    referrer: document.referrer || undefined,
  };
  navigator.sendBeacon(home + "v1/activities", JSON.stringify(seen));
};

const consent = (isGiven) => {
  if (!isGiven) {
    visitor = "";
    local.drop(VISITOR);
    local.drop(CAME);
    return;
  }
  const known = local.get(VISITOR);
  visitor = visitor || (isFresh(known) ? known.id : unique());
  local.set(VISITOR, { id: visitor, at: now() });
  local.set(CAME, came);
  if (isViewed) return;
  // A page that is loaded ahead has been seen by nobody yet.
  if (document.prerendering) document.addEventListener("prerenderingchange", view, { once: true });
  else view();
};
