// The one door to the REST API. The access token is in memory only, the refresh token in a cookie
// that scripts cannot read; each answer that is no success is thrown as a Problem with a sentence.

import { anonymousId, lastShare, rememberSession } from "./memory.js";
import { language, say } from "./page.js";

const ROOT = "/api/v1";
const TIMEOUT = 15_000;
const TRIES = 3;
const WORTH_REPEATING = new Set([429, 502, 503, 504]);
const LONGEST_WAIT = 5;

let access = "";
let renewal = null;

/** An answer that is no success, or none at all (status 0). */
export class Problem extends Error {
  constructor({ status = 0, code = "", detail = "", errors = [], data = {} }, retryAfter = 0) {
    super(detail || say(status >= 500 ? "fault" : "failed"));
    Object.assign(this, { status, code, errors, data, retryAfter });
  }

  /** Return the message of an invalid field. */
  field(name) {
    return this.errors.find((error) => error.field === name)?.message ?? "";
  }

  get mayRepeat() {
    return this.status === 0 || this.status >= 500 || this.status === 429;
  }
}

/** Return a new Idempotency-Key. One form has one key until it succeeds, however often it is sent. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const get = (path, query) => call("GET", path + search(query));
/** Send a POST. It is repeated if its answer is lost: the calls of the API allow that. */
export const post = (path, body = {}, options = {}) => call("POST", path, { body, ...options });
export const put = (path, body) => call("PUT", path, { body });

/** Send a form with a file. */
export function postFile(path, fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return call("POST", path, { body: form });
}

function search(query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value != null);
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

/**
 * Call the API and return {status, body, retryAfter}.
 * @param options.key Idempotency-Key of calls that need one
 * @param options.once do not repeat it: it uses up something, such as a code of WeChat
 */
async function call(method, path, { body, key = "", once = false } = {}) {
  let problem;
  for (let attempt = 0; attempt < (once ? 1 : TRIES); attempt += 1) {
    if (attempt) await pause(problem.retryAfter || 0.4 * 2 ** attempt);
    try {
      return await withToken(() => send(method, path, { body, key }));
    } catch (error) {
      problem = error;
      const isBusy = error.status === 0 || WORTH_REPEATING.has(error.status);
      if (!isBusy || error.retryAfter > LONGEST_WAIT || navigator.onLine === false) break;
    }
  }
  throw problem;
}

async function withToken(request) {
  const used = access;
  try {
    return await request();
  } catch (problem) {
    if (problem.status !== 401 || !used) throw problem;
    // Another request may have renewed it meanwhile.
    if (access === used) await renew();
    return request();
  }
}

async function send(method, path, { body, key }) {
  const headers = { Accept: "application/json", "Accept-Language": language };
  if (access) headers.Authorization = `Bearer ${access}`;
  const isForm = body instanceof FormData; // the browser writes its header, with the boundary
  if (body !== undefined && !isForm) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  // Not AbortSignal.timeout: older phones lack it.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), TIMEOUT);
  try {
    const response = await fetch(ROOT + path, {
      method, headers, credentials: "same-origin", signal: late.signal,
      body: body === undefined || isForm ? body : JSON.stringify(body),
    });
    return await read(response);
  } catch (error) {
    if (error instanceof Problem) throw error;
    const code = late.signal.aborted ? "slow" : "offline";
    throw new Problem({ code, detail: say(code) });
  } finally {
    clearTimeout(timer);
  }
}

async function read(response) {
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  const text = await response.text();
  let body = null;
  try {
    body = text ? JSON.parse(text) : null;
  } catch {
    // A proxy answers in HTML: the status says enough.
  }
  if (response.ok) return { status: response.status, body, retryAfter };
  throw new Problem({ ...body, status: response.status }, retryAfter);
}

function pause(seconds) {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** Exchange the cookie for an access token; parallel callers share one request. */
export function renew() {
  renewal ??= exchange().finally(() => {
    renewal = null;
  });
  return renewal;
}

async function exchange() {
  access = "";
  try {
    const { body } = await send("POST", "/auth/refresh", { body: { cookie: true } });
    access = body.access;
  } catch (problem) {
    // 401 and 403 end the session; anything else may work again in a moment.
    if ([400, 401, 403].includes(problem.status)) rememberSession(false);
    throw problem;
  }
}

/** Take over the tokens of a sign-in, and return its answer. */
export async function signIn(path, body) {
  const visit = { share: lastShare().code, anonymous_id: anonymousId() };
  const given = Object.entries(visit).filter(([, value]) => value);
  const sent = { ...body, ...Object.fromEntries(given), cookie: true };
  const answer = await post(path, sent, { once: true });
  access = answer.body.access;
  rememberSession(true);
  return answer.body;
}

export async function signOut() {
  await post("/auth/logout", { cookie: true });
  access = "";
  rememberSession(false);
}

/** Return every result of a list, at most as many pages as given. */
export async function all(path, query = {}, pages = 5) {
  const results = [];
  let cursor = "";
  for (let page = 0; page < pages; page += 1) {
    const { body } = await get(path, { page_size: 100, ...query, cursor });
    results.push(...body.results);
    if (!body.next) break;
    cursor = body.next;
  }
  return results;
}
