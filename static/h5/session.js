// Who is signed in, as the store "me" of every page.

import { Problem, get, renew, signOut } from "./api.js";
import { signedInBefore } from "./memory.js";
import { say } from "./page.js";

const LOGIN = "/login";

/** Return the address of the sign-in page that comes back to this page. */
export function loginAddress(hash = location.hash) {
  const here = location.pathname + location.search + hash;
  return `${LOGIN}?next=${encodeURIComponent(here)}`;
}

let known = null;

export const me = {
  state: "unknown",
  member: null,
  distributor: null,

  get isIn() { return this.state === "in"; },
  get isOut() { return this.state === "out"; },
  get isDistributor() { return this.distributor?.status === "active"; },
  get name() { return this.member ? this.member.nickname || say("nameless") : ""; },
  get initial() { return firstLetter(this.name); },
  get login() { return loginAddress(); },

  /** Find out who is signed in, once a page. Only a session that has ended counts as signed out. */
  load() {
    known ??= this.ask().catch((problem) => {
      known = null;
      throw problem;
    });
    return known;
  },

  async ask() {
    if (!signedInBefore()) {
      this.state = "out";
      return;
    }
    try {
      await renew();
      const [profile, distributor] = await Promise.all([get("/me"), ownDistributor()]);
      this.member = profile.body;
      this.distributor = distributor;
      this.state = "in";
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.state = problem.mayRepeat ? "unknown" : "out";
      if (problem.mayRepeat) throw problem;
    }
  },

  /** Return whether a member is signed in; if nobody is, go to the sign-in page. */
  async require(hash = "") {
    await this.load();
    if (this.isIn) return true;
    location.assign(loginAddress(hash));
    return false;
  },

  async leave() {
    await signOut();
    location.reload();
  },
};

async function ownDistributor() {
  try {
    return (await get("/distributor")).body;
  } catch (problem) {
    if (problem instanceof Problem && !problem.mayRepeat) return null;
    throw problem;
  }
}

/** Return the first letter of a name, for people without a picture. */
export const firstLetter = (name) => Array.from((name ?? "").trim())[0] ?? "·";
