// What the shop announces, above the list of a page. What was opened is remembered here only.

import { get } from "./api.js";
import { numbered } from "./blocks.js";
import { rememberAnnouncement, wasAnnounced } from "./memory.js";

export const announcements = () => ({
  rows: [],

  get any() { return this.rows.length > 0; },

  async init() {
    await this.$store.me.load();
    if (!this.$store.me.isIn) return;
    const { body } = await get("/announcements");
    this.rows = body.announcements.map(announcement);
  },

  /** New ones are open at first; the next time that the page is read they are closed. */
  seen(row) { rememberAnnouncement(row.id, row.version); },
});

const announcement = (row) => ({
  ...row, blocks: numbered(row.blocks), isNew: !wasAnnounced(row.id, row.version),
});
