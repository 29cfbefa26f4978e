// Incentives that run for the member, what they gave, and coupons.

import { announcements } from "./announcements.js";
import { Problem, get, newKey, post } from "./api.js";
import { start, tell } from "./frame.js";
import { yuan } from "./money.js";
import { language, say } from "./page.js";

const LISTS = { running: "/incentives", awards: "/me/awards", coupons: "/me/coupons" };
const COLOURS = {
  granted: "tag-good", usable: "tag-good", held: "tag-plain", waiting: "tag-plain", refused: "tag-plain",
  taken_back: "tag-plain", used: "tag-plain", expired: "tag-plain", revoked: "tag-plain",
};

const FRIENDS = {
  to_order: ({ referrer, ...friend }) =>
    say("friend_to_order", { name: referrer, ...missing(friend) }),
  ordered: () => say("friend_ordered"),
  counted: () => say("friend_counted"),
};
const BROUGHT = {
  to_order: (friend) => say("brought_to_order", missing(friend)),
  ordered: () => say("brought_ordered"),
  counted: () => say("brought_counted"),
  over: () => say("brought_over"),
};
const STATES = {
  usable: () => say("coupon_usable"),
  upcoming: () => say("coupon_upcoming"),
  used: () => say("coupon_used"),
  expired: () => say("coupon_expired"),
  revoked: () => say("coupon_revoked"),
};

const rewards = () => ({
  tab: "running",
  incentives: [],
  awards: [],
  coupons: [],
  claimable: [],
  next: "",
  busy: false,
  loaded: false,
  problem: "",
  run: 0,

  get tabId() { return `tab-${this.tab}`; },
  get isRunning() { return this.tab === "running"; },
  get isAwards() { return this.tab === "awards"; },
  get isCoupons() { return this.tab === "coupons"; },
  get isEmpty() {
    const shown = [this.incentives, this.awards, this.coupons, this.claimable];
    return this.loaded && !this.busy && !this.problem && shown.every((rows) => rows.length === 0);
  },

  async init() {
    try {
      await this.$store.me.load();
    } catch (problem) {
      this.fail(problem);
      return;
    }
    if (this.$store.me.isIn) this.load();
  },

  isTab(key) { return String(this.tab === key); },

  open(key) {
    this.tab = key;
    return this.load();
  },

  async load() {
    const run = ++this.run;
    Object.assign(this, {
      incentives: [], awards: [], coupons: [], claimable: [], next: "", problem: "", busy: true,
    });
    try {
      const [mine, offered] = await Promise.all([
        get(LISTS[this.tab]), this.isCoupons ? get("/coupons") : null,
      ]);
      if (run !== this.run) return;
      this.take(mine.body);
      this.claimable = (offered?.body.results ?? []).filter((row) => row.can_claim);
    } catch (problem) {
      if (run === this.run) this.fail(problem);
    } finally {
      if (run === this.run) this.busy = false;
    }
  },

  take(body) {
    this.loaded = true;
    this.next = body.next ?? "";
    if (this.isRunning) this.incentives = this.incentives.concat(body.results.map(incentive));
    if (this.isAwards) this.awards = this.awards.concat(body.results.map(award));
    if (this.isCoupons) this.coupons = this.coupons.concat(body.results.map(coupon));
  },

  fail(problem) {
    if (!(problem instanceof Problem)) throw problem;
    this.problem = problem.message;
  },

  async more() {
    const { run } = this;
    this.busy = true;
    try {
      const { body } = await get(LISTS[this.tab], { cursor: this.next });
      if (run === this.run) this.take(body);
    } finally {
      if (run === this.run) this.busy = false;
    }
  },

  async rank(row) {
    if (row.places) {
      Object.assign(row, { places: null, isOpen: "false" });
      return;
    }
    const { body } = await get(`/incentives/${encodeURIComponent(row.id)}/ranking`);
    row.places = body.results.map((place, n) => ({ ...place, n, text: amount(place.value, row.unit) }));
    row.isOpen = "true";
    const { rank, value } = body.mine;
    row.mineText = rank
      ? say("my_place", { rank, value: amount(value, row.unit) }) : say("no_place");
  },

  async explain(row) {
    const { body } = await get(`/me/awards/${encodeURIComponent(row.id)}`);
    row.explanation = body.explanation;
  },

  async claim(row) {
    row.key ??= newKey();
    this.busy = true;
    try {
      await post(`/coupons/${encodeURIComponent(row.id)}/claim`, {}, { key: row.key });
      tell(say("claimed"));
    } finally {
      this.busy = false;
    }
    await this.load();
  },
});

const amount = (value, unit) => (unit === "fen" ? `¥${yuan(value)}` : String(value));

const missing = ({ min_amount: least, order_until: until }) =>
  ({ amount: amount(least, "fen"), day: day(until) });

function day(moment) {
  const format = { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" };
  return new Date(moment).toLocaleString(language, { ...format, timeZone: "Asia/Shanghai" });
}

function incentive(row) {
  const { progress, friend, friends = [] } = row;
  const until = progress?.counts_until ?? row.ends_at;
  const next = progress?.next_at;
  return {
    ...row,
    rewards: row.rewards.map((reward, n) => ({ ...reward, n, when: when(reward, row) })),
    until: until ? say("until", { day: day(until) }) : "",
    friendText: friend ? FRIENDS[friend.state](friend) : "",
    friends: friends.map((one, n) => ({ ...one, n, text: BROUGHT[one.state](one) })),
    hasFriends: friends.length > 0,
    reachedText: progress ? say("reached", { value: amount(progress.value, row.unit) }) : "",
    missingText: next ? say("missing", { value: amount(progress.missing, row.unit) }) : "",
    comingText: progress?.coming ? say("coming", { value: amount(progress.coming, row.unit) }) : "",
    hasBar: Boolean(next),
    percent: next ? Math.min(100, (100 * progress.value) / next) : 0,
    rankingText: say("ranking"),
    isOpen: "false",
    places: null,
    mineText: "",
  };
}

function when(reward, { unit, reach }) {
  if (reward.first_rank) {
    const { first_rank: first, last_rank: last } = reward;
    return first === last ? say("place", { first }) : say("places", { first, last });
  }
  if (reward.side === "friend") return say("for_friend");
  if (!(reward.threshold > 1)) return say("each");
  const value = amount(reward.threshold, unit);
  const isRepeated = reach === "every";
  return say(isRepeated ? "each_value" : "from_value", { value });
}

const award = (row) => ({
  ...row,
  colour: COLOURS[row.status],
  from: say("award_from", { name: row.name, day: day(row.reached_at) }),
  giftText: row.gift ? `${row.gift.status_text} ${row.gift.note}`.trim() : "",
  explanation: null,
});

const coupon = (row) => ({
  id: row.id,
  name: row.coupon.name,
  text: row.coupon.text,
  colour: COLOURS[row.status] ?? "tag-plain",
  status_text: STATES[row.status]?.() ?? "",
  validText: say("valid", { from: day(row.valid_from), until: day(row.valid_until) }),
});

start({ rewards, announcements });
