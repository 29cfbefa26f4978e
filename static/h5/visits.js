// Tell the server that a share was opened. It counts one visit a day, and decides about bindings.

import { post } from "./api.js";
import { anonymousId, lastShare, rememberAnonymousId, rememberShare } from "./memory.js";

/** Record the visit of a share, and return what the server answers. */
export async function recordVisit(code, more = {}) {
  const body = { share: code, ...more };
  if (anonymousId()) body.anonymous_id = anonymousId();
  const { body: answer } = await post("/visits", body);
  if (answer.anonymous_id) rememberAnonymousId(answer.anonymous_id);
  if (answer.target) rememberShare(code, answer.visit);
  return answer;
}

/** Record that the visitor went on to this page. It is for figures only: a failure says nothing. */
export async function recordPage() {
  const { visit } = lastShare();
  if (!visit) return;
  try {
    await post(`/visits/${encodeURIComponent(visit)}/pages`, { path: location.pathname });
  } catch {
    // The page works without it.
  }
}

/** Return the share code in this page's address, if it has one. */
export const givenCode = () => new URLSearchParams(location.search).get("share") ?? "";
