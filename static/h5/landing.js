// Where a share opens: the visit is counted, and the button leads on.

import { start, tell } from "./frame.js";
import { page, say } from "./page.js";
import { recordVisit } from "./visits.js";

const landing = () => ({
  next: page.next,
  mayFollow: false,

  async init() {
    await this.$store.me.load().catch(() => {});
    const answer = await recordVisit(page.code).catch(() => null);
    if (!answer) return; // it is not counted, but the button works
    if (answer.target) this.next = address(answer.landing.url);
    this.mayFollow = this.$store.me.isIn && Boolean(answer.distributor) && !answer.bound && !answer.own;
    if (answer.bound && page.sharer) tell(say("bound", { name: page.sharer }));
  },

  /** Another referrer is left only by a tap. */
  async follow() {
    const answer = await recordVisit(page.code, { tapped: true });
    this.mayFollow = !answer.bound;
    tell(say(answer.bound ? "bound" : "stays", { name: page.sharer }));
  },
});

/** Return an address that may be opened: a path of ours, or the mall's page. */
function address(text) {
  const url = new URL(text, location.origin);
  return ["https:", "http:"].includes(url.protocol) ? url.href : page.next;
}

start({ landing });
