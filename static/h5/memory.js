// What the browser remembers between pages. Storage may be off or full: then it forgets.

const DAY = 86_400_000;

function load(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function save(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A private window: the page works without it.
  }
}

/** Whether a session was opened in this browser; the token itself is in a cookie. */
export const signedInBefore = () => load("tt.session") === true;
export const rememberSession = (is) => save("tt.session", is ? true : null);

/** The id that the server gave to this visitor before the sign-in. */
export const anonymousId = () => load("tt.visitor") ?? "";
export const rememberAnonymousId = (id) => save("tt.visitor", id);

/** The share by which the visitor came last, for 30 days. */
export function lastShare() {
  const kept = load("tt.share");
  return kept && Date.now() - kept.at < 30 * DAY ? kept : { code: "", visit: "" };
}
export const rememberShare = (code, visit) => save("tt.share", { code, visit, at: Date.now() });

/** What was typed into a form, so that a sign-in in the middle loses nothing. */
export const draft = (form) => load(`tt.draft.${form}`);
export const saveDraft = (form, values) => save(`tt.draft.${form}`, values);

/** Which version of an announcement was shown. Those of the last year are kept. */
const announced = () => load("tt.announced") ?? {};
export const wasShown = (id, version) => (announced()[id]?.version ?? 0) >= version;
export function rememberAnnouncement(id, version) {
  const recent = Object.entries(announced()).filter(([, row]) => Date.now() - row.at < 365 * DAY);
  save("tt.announced", { ...Object.fromEntries(recent), [id]: { version, at: Date.now() } });
}
