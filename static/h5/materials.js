// Official pictures, videos, texts and courses, as the member's level permits.

import { announcements } from "./announcements.js";
import { Problem, get, post } from "./api.js";
import { numbered } from "./blocks.js";
import { copy } from "./clipboard.js";
import { start, tell } from "./frame.js";
import { say } from "./page.js";

const LONG_TEXT = 140;
const COURSES = "course";

const materials = () => ({
  tab: "",
  items: [],
  courses: [],
  campaigns: [],
  unread: 0,
  next: "",
  busy: false,
  loaded: false,
  problem: "",
  packing: "",
  run: 0,
  words: { packing: say("packing"), zip: say("zip") },

  get tabId() { return `tab-${this.tab || "all"}`; },
  get isCourses() { return this.tab === COURSES; },
  get hasCampaigns() { return !this.tab && this.campaigns.length > 0; },
  get isEmpty() {
    const shown = this.isCourses ? this.courses : this.items;
    return this.loaded && !this.busy && !this.problem && shown.length === 0;
  },

  async init() {
    try {
      await this.$store.me.load();
    } catch (problem) {
      this.fail(problem);
      return;
    }
    if (!this.$store.me.isIn) return;
    this.load();
    this.loadBeside();
  },

  isTab(key) { return String(this.tab === (key === "all" ? "" : key)); },

  open(key) {
    this.tab = key === "all" ? "" : key;
    return this.load();
  },

  /** What the list can be shown without. */
  async loadBeside() {
    const [campaigns, courses] = await Promise.allSettled([get("/materials/campaigns"), get("/courses")]);
    if (campaigns.value) this.campaigns = campaigns.value.body.results;
    if (courses.value) this.unread = courses.value.body.unread;
  },

  async load() {
    const run = ++this.run;
    Object.assign(this, { items: [], courses: [], next: "", problem: "", busy: true });
    try {
      const { body } = await (this.isCourses ? get("/courses") : get("/materials", { kind: this.tab }));
      if (run === this.run) this.take(body);
    } catch (problem) {
      if (run === this.run) this.fail(problem);
    } finally {
      if (run === this.run) this.busy = false;
    }
  },

  take(body) {
    this.loaded = true;
    if (this.isCourses) {
      this.courses = body.courses.map(course);
      this.unread = body.unread;
    } else {
      this.items = this.items.concat(body.results.map(material));
      this.next = body.next ?? "";
    }
  },

  fail(problem) {
    if (!(problem instanceof Problem)) throw problem;
    this.problem = problem.message;
  },

  async more() {
    this.busy = true;
    try {
      const { body } = await get("/materials", { kind: this.tab, cursor: this.next });
      this.take(body);
    } finally {
      this.busy = false;
    }
  },

  async copyText(item) {
    if (!(await copy(item.text))) {
      tell(say("copyByHand"));
      return;
    }
    tell(say("copied"));
    this.count(item, "copy");
  },

  took(item) { this.count(item, "download"); },

  /** For the shop's figures only. */
  count(item, action) {
    post(`/materials/${encodeURIComponent(item.id)}/used`, { action }).catch(() => {});
  },

  async archive(campaign) {
    this.packing = campaign.id;
    try {
      const { body } = await post(`/materials/campaigns/${encodeURIComponent(campaign.id)}/archive`);
      location.assign(body.url);
    } finally {
      this.packing = "";
    }
  },

  async read(course) {
    const { body } = await get(`/courses/${encodeURIComponent(course.id)}`);
    course.blocks = numbered(body.blocks);
    course.version = body.version;
    course.mayConfirm = !course.is_read;
  },

  async confirm(course) {
    await post(`/courses/${encodeURIComponent(course.id)}/read`, { version: course.version });
    if (course.isMissing) this.unread -= 1;
    Object.assign(course, { is_read: true, isMissing: false, mayConfirm: false });
    tell(say("read"));
  },
});

function material(row) {
  const pictures = row.files.filter((file) => file.kind !== "video");
  const video = row.files.find((file) => file.kind === "video") ?? null;
  const first = video?.url ?? pictures[0]?.url ?? "";
  return {
    ...row,
    video,
    pictures: video ? [] : pictures,
    cover: video ? (pictures[0]?.preview_url ?? null) : null,
    first,
    fileName: row.title,
    productLink: row.product ? `/p/${row.product.id}` : "",
    isLong: row.text.length > LONG_TEXT,
    used: say("used", { copies: row.copies, downloads: row.downloads }),
  };
}

const course = (row) => ({
  ...row, blocks: null, isMissing: row.is_required && !row.is_read, mayConfirm: false,
});

start({ materials, announcements });
