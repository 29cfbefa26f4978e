// A product: what it earns for a distributor, its share bar and its poster.

import { get } from "./api.js";
import { start } from "./frame.js";
import { yuan } from "./money.js";
import { page, say } from "./page.js";
import { posterSheet } from "./poster.js";
import { shareBar } from "./share.js";
import { givenCode, recordPage, recordVisit } from "./visits.js";
import { setCard } from "./wechat.js";

const product = () => ({
  earnings: "", // such as ¥5–12
  at: 1,

  async init() {
    this.count();
    await this.$store.me.load();
    if (!this.$store.me.isIn) return;
    const { body } = await get(`/products/${encodeURIComponent(page.target.id)}`);
    this.earnings = range(body.my_commission);
    if (body.share) setCard(body.share.h5);
  },

  /** Count this visit, if the address carries a share, or the page of an earlier one. */
  async count() {
    const code = givenCode();
    await (code ? recordVisit(code).catch(() => {}) : recordPage());
  },

  slid(event) {
    const reel = event.target;
    this.at = Math.round(reel.scrollLeft / reel.clientWidth) + 1;
  },
});

function range(commission) {
  if (!commission || !commission.max) return "";
  const { kind, min, max } = commission;
  const isMoney = kind !== "points";
  const show = isMoney ? yuan : String;
  const amount = min === max || !min ? show(max) : `${show(min)}–${show(max)}`;
  return isMoney ? `¥${amount}` : say("points", { count: amount });
}

start({ product, posterSheet, shareBar });
