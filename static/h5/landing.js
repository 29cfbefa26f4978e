// Where a share opens: the visit is counted, and the button leads on.

import { start, tell } from "./frame.js";
import { page, say } from "./page.js";
import { recordVisit } from "./visits.js";

const landing = () => ({
  next: page.next,

  async init() {
    await this.$store.me.load().catch(() => {});
    const answer = await recordVisit(page.code).catch(() => null);
    if (!answer) return; // it is not counted, but the button works
    if (answer.landing) this.next = address(answer.landing);
    if (answer.bound && page.teller) tell(say("bound", { name: page.teller }));
  },
});

/** Return an address that may be opened: the server gives a path of ours, or one with https. */
function address(landing) {
  const text = typeof landing === "string" ? landing : (landing.url ?? page.next);
  const url = new URL(text, location.origin);
  return ["https:", "http:"].includes(url.protocol) ? url.href : page.next;
}

start({ landing });
