// What the shop announces, above the list of a page. What was opened is remembered only in
// this browser.

import { get } from "./api.js";
import { numbered } from "./blocks.js";
import { rememberAnnouncement, wasShown } from "./memory.js";

export const announcements = () => ({
  rows: [],

  get any() { return this.rows.length > 0; },

  async init() {
    await this.$store.me.load();
    if (!this.$store.me.isIn) return;
    const { body } = await get("/announcements");
    this.rows = body.announcements.map(announcement);
  },

  /** Remember that it was opened: it is open on the first visit and closed on later ones. */
  seen(row) { rememberAnnouncement(row.id, row.version); },
});

const announcement = (row) => ({
  ...row, blocks: numbered(row.blocks), isNew: !wasShown(row.id, row.version),
});
