// Sign in with WeChat; in a sandbox as one of its people.

import { Problem, get, signIn } from "./api.js";
import { start, tell } from "./frame.js";
import { inWeChat, say } from "./page.js";

const query = new URLSearchParams(location.search);

/** Return the page to go to afterwards: one of ours, whatever the address says. */
function next() {
  try {
    const url = new URL(query.get("next") || "/join", location.origin);
    if (url.origin === location.origin && !url.pathname.startsWith("//")) {
      return url.pathname + url.search + url.hash;
    }
  } catch {
    // No address at all.
  }
  return "/join";
}

const login = () => ({
  busy: "",
  problem: "",
  inWeChat,

  async init() {
    if (query.get("code") && query.get("state")) await this.comeBack();
  },

  isBusy(what) { return this.busy === what; },

  /** WeChat has returned with a code, which works once. */
  comeBack() {
    const body = { code: query.get("code"), state: query.get("state") };
    query.delete("code");
    query.delete("state");
    history.replaceState(null, "", `${location.pathname}?${query}`);
    return this.enter("wechat", () => signIn("/auth/wechat/oauth", body));
  },

  async withWeChat() {
    await this.attempt("wechat", async () => {
      const here = new URL(location.href);
      here.search = new URLSearchParams({ next: next() });
      here.hash = "";
      const { body } = await get("/auth/wechat/authorize", { return_to: here.href });
      location.assign(body.url);
    });
  },

  as(name) { return this.enter(name, () => signIn("/sandbox/login", { name })); },

  enter(what, signInAs) {
    return this.attempt(what, async () => {
      const { member } = await signInAs();
      tell(member.nickname ? say("signed_in", { name: member.nickname }) : say("welcome"));
      location.replace(next());
    });
  },

  async attempt(what, act) {
    this.busy = what;
    this.problem = "";
    try {
      await act();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.problem = problem.message;
    } finally {
      this.busy = "";
    }
  },
});

start({ login });
