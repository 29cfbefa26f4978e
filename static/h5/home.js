// The page of a distributor.

import { start } from "./frame.js";
import { page } from "./page.js";
import { posterSheet } from "./poster.js";
import { shareBar } from "./share.js";
import { givenCode, recordPage, recordVisit } from "./visits.js";

const home = () => ({
  isMine: false,

  async init() {
    const code = givenCode();
    (code ? recordVisit(code).catch(() => {}) : recordPage());
    await this.$store.me.load();
    this.isMine = this.$store.me.distributor?.code === page.target.id;
  },
});

start({ home, posterSheet, shareBar });
