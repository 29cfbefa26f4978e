// The poster sheet: one request for the picture at once, another for the styles beside it.

import { get, post } from "./api.js";
import { tell } from "./frame.js";
import { inWeChat, page, say } from "./page.js";

const ASK_EVERY = 350; // ms
const STILL_AFTER = 3_000;
const GIVE_UP_AFTER = 30_000;
const LONGEST_LINE = 40;
const NOT_FINAL_FOR = [3_000, 6_000, 12_000]; // when to look for the final picture

/** Return what the poster leads to: of the own home page and of recruiting only the kind. */
function target() {
  const { kind, id } = page.target;
  return kind === "product" ? { kind, id } : { kind };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const posterSheet = () => ({
  open: false,
  templates: [],
  suggestions: [],
  chosen: "",
  line: "",
  usedLine: "",
  picture: "",
  isFinal: true,
  isDrawing: false,
  isLate: false,
  problem: "",
  needsJoin: false,
  lineProblem: "",
  drawn: {},
  run: 0,
  isTouch: matchMedia("(pointer: coarse)").matches,

  get waitText() { return say(this.isLate ? "still_drawing" : "drawing"); },
  get isInterim() { return Boolean(this.picture) && !this.isFinal; },
  get hasSeveral() { return this.templates.length > 1; },
  get canDownload() { return Boolean(this.picture) && !inWeChat; },
  get lineChanged() { return this.line.trim() !== this.usedLine; },
  get lineCount() { return say("chars", { count: Array.from(this.line).length, max: LONGEST_LINE }); },

  init() {
    // A sign-in comes back with this mark.
    if (location.hash === "#poster") this.show();
  },

  async show() {
    if (!(await this.$store.me.require("#poster"))) return;
    this.open = true;
    this.$nextTick(() => this.$refs.sheet?.focus());
    if (this.picture) return;
    this.make();
    this.loadStyles();
  },

  hide() {
    this.open = false;
    if (location.hash === "#poster") history.replaceState(null, "", location.pathname + location.search);
  },

  async loadStyles() {
    const [styles, lines] = await Promise.allSettled([
      get("/posters/templates", target()), get("/posters/lines", target()),
    ]);
    if (styles.value) this.templates = styles.value.body.results;
    if (lines.value) this.suggestions = lines.value.body.results.map((line) => line.text);
  },

  isChosen(style) { return style.id === this.chosen; },

  choose(style) {
    this.chosen = style.id;
    return this.make();
  },

  another() {
    const now = this.templates.findIndex((style) => style.id === this.chosen);
    const next = this.templates[(now + 1) % this.templates.length];
    this.$root.querySelector(`[data-style="${next.id}"]`)?.scrollIntoView({ inline: "center", block: "nearest" });
    return this.choose(next);
  },

  useLine(text) {
    this.line = text;
    return this.make();
  },

  /** Ask for the poster, and wait until it is drawn. The latest request wins. */
  async make() {
    const run = ++this.run;
    const line = this.line.trim();
    const known = this.drawn[`${this.chosen} ${line}`];
    Object.assign(this, { problem: "", lineProblem: "", isLate: false, usedLine: line });
    if (known) {
      this.take(known, line);
      return;
    }
    this.isDrawing = true;
    this.picture = "";
    try {
      const poster = await this.drawnPoster(line, () => run !== this.run);
      if (run === this.run && poster) this.take(poster, line);
    } catch (problem) {
      if (run === this.run) this.fail(problem);
    } finally {
      if (run === this.run && (this.problem || this.lineProblem)) this.isDrawing = false;
    }
  },

  async drawnPoster(line, isOver) {
    const started = Date.now();
    const body = { target: target() };
    if (this.chosen) body.template = this.chosen;
    if (line) body.line = line;
    let { body: poster } = await post("/posters", body);
    while (poster.status === "rendering") {
      if (isOver()) return null;
      this.isLate = Date.now() - started > STILL_AFTER;
      if (Date.now() - started > GIVE_UP_AFTER) throw new Error(say("poster_late"));
      await pause(ASK_EVERY);
      ({ body: poster } = await get(`/posters/${encodeURIComponent(poster.id)}`));
    }
    if (poster.status !== "ready") throw new Error(say("poster_late"));
    return poster;
  },

  take(poster, line) {
    this.drawn[`${this.chosen} ${line}`] = poster;
    this.chosen = poster.template || this.chosen;
    this.drawn[`${this.chosen} ${line}`] = poster;
    this.isFinal = poster.final !== false;
    this.isDrawing = this.picture !== poster.url;
    this.picture = poster.url;
    if (!this.isFinal) this.awaitFinal(poster, this.run);
  },

  /** Show the final picture once it is there, if this one is still shown then. */
  async awaitFinal(poster, run) {
    for (const ms of NOT_FINAL_FOR) {
      await pause(ms);
      if (run !== this.run || !this.open) return;
      const { body } = await get(`/posters/${encodeURIComponent(poster.id)}`).catch(() => ({ body: poster }));
      if (run === this.run && body.final && body.status === "ready") {
        Object.assign(poster, body);
        Object.assign(this, { picture: body.url, isFinal: true });
        return;
      }
    }
  },

  /** The picture itself has arrived. */
  shown() {
    this.isDrawing = false;
    performance.mark("poster-shown");
  },

  fail(problem) {
    const isAboutLine = problem.code === "invalid_input" ? problem.field("line") : /recommendation|words/.test(problem.code ?? "");
    if (isAboutLine) {
      this.lineProblem = problem.code === "invalid_input" ? problem.field("line") : problem.message;
      tell(this.lineProblem);
      return;
    }
    this.needsJoin = problem.code === "not_distributor";
    this.problem = problem.message || say("failed");
  },
});
