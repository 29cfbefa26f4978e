// Become a distributor: the form of the shop, the application, and what comes of it.

import { Problem, get, post, postFile } from "./api.js";
import { start, tell } from "./frame.js";
import { draft, saveDraft } from "./memory.js";
import { yuan } from "./money.js";
import { page, say } from "./page.js";
import { posterSheet } from "./poster.js";
import { shareBar } from "./share.js";
import { givenCode, recordPage, recordVisit } from "./visits.js";

const FORM = "join";
const LARGEST = 5 * 2 ** 20;
const emptyAnswer = { choices: [], region: ["", ""], picture: [] };

const join = () => ({
  state: "unknown",
  problem: "",
  busy: false,
  form: null,
  application: null,
  answers: {},
  statement: "",
  accepted: false,
  agreement: null,
  agreementTitle: "",
  text: "",
  errors: {},
  uploads: {},
  distributor: null,

  get questions() { return this.form?.questions ?? []; },
  get rejected() { return this.application?.status === "rejected"; },
  get rejectedText() { return say("rejected", { reason: this.application?.reason ?? "" }); },
  get code() { return this.distributor?.code ?? ""; },
  get homeLink() { return `/u/${this.code}`; },
  get statusText() { return this.distributor?.status_text ?? ""; },
  get fastTrack() { return (this.form?.fast_track ?? []).map(threshold); },

  async init() {
    const share = givenCode();
    share ? recordVisit(share).catch(() => {}) : recordPage();
    // Whatever happens to the page, what was typed comes back.
    this.$watch("answers", () => this.keep());
    this.$watch("statement", () => this.keep());
    await this.load();
  },

  keep() {
    if (this.state === "form") saveDraft(FORM, { answers: this.answers, statement: this.statement });
  },

  async load() {
    this.problem = "";
    this.state = "unknown";
    try {
      await this.$store.me.load();
      this.state = this.$store.me.isIn ? await this.find() : "out";
    } catch (problem) {
      this.fail(problem);
    }
  },

  async find() {
    this.distributor = await unlessMissing(get("/distributor"));
    if (this.distributor) return this.distributor.status === "active" ? "active" : "paused";
    this.application = await unlessMissing(get("/distributor/application"));
    if (this.application && !this.application.may_apply_again) return "waiting";
    await this.prepareForm();
    return "form";
  },

  async prepareForm() {
    this.form = (await get("/distributor/application/form")).body;
    const kept = draft(FORM) ?? { answers: {}, statement: "" };
    this.answers = Object.fromEntries(
      this.questions.map(({ key, kind }) => [key, kept.answers[key] ?? emptyAnswer[kind] ?? ""]),
    );
    this.statement = kept.statement;
    this.agreement = this.form.agreement;
    if (!this.agreement) return;
    const { body } = await get(`/agreements/${this.agreement.kind}`);
    Object.assign(this, { agreementTitle: body.title, agreement: body });
  },

  showAgreement() { this.text = this.agreement.text; },
  hideAgreement() { this.text = ""; },

  async upload(question, event) {
    const [file] = event.target.files;
    if (!file) return;
    if (file.size > LARGEST) {
      this.errors[question.key] = say("picture_too_large", { size: LARGEST / 2 ** 20 });
      return;
    }
    this.errors[question.key] = "";
    this.uploads[question.key] = say("uploading");
    try {
      const { body } = await postFile("/uploads", { purpose: "application", file });
      this.answers[question.key] = [body.id];
      this.uploads[question.key] = file.name;
    } catch (problem) {
      this.uploads[question.key] = "";
      this.errors[question.key] = problem.message;
    }
  },

  /** Return whether everything that must be answered is. */
  isComplete() {
    const missing = this.questions.filter(({ key, required }) => required && isBlank(this.answers[key]));
    this.errors = Object.fromEntries(missing.map(({ key }) => [key, say("fill")]));
    if (missing.length) return false;
    if (this.agreement && !this.accepted) {
      this.problem = say("accept_first");
      return false;
    }
    return true;
  },

  async send() {
    this.problem = "";
    if (this.busy || !this.isComplete()) return;
    this.busy = true;
    try {
      if (this.agreement) {
        await post(`/agreements/${this.agreement.kind}/accept`, { version: this.agreement.version });
      }
      await this.apply();
      saveDraft(FORM, null);
      tell(say("sent"));
      await this.load();
    } catch (problem) {
      this.fail(problem);
    } finally {
      this.busy = false;
    }
  },

  async apply() {
    const given = Object.entries(this.answers).filter(([, answer]) => !isBlank(answer));
    const body = { answers: Object.fromEntries(given), form_version: this.form.version };
    if (this.statement.trim()) body.statement = this.statement.trim();
    try {
      await post("/distributor/application", body);
    } catch (problem) {
      // The answer to the first try was lost: it worked.
      if (!["already_submitted", "already_distributor"].includes(problem.code)) throw problem;
    }
  },

  fail(problem) {
    if (!(problem instanceof Problem)) throw problem;
    for (const error of problem.errors) {
      const key = error.field.replace(/^answers\./, "").replace(/\[.*/, "");
      this.errors[key] = error.message;
    }
    this.problem = problem.message;
  },
});

async function unlessMissing(asked) {
  try {
    return (await asked).body;
  } catch (problem) {
    if (problem.status === 404) return null;
    throw problem;
  }
}

const isBlank = (answer) => (Array.isArray(answer) ? answer.every((part) => !part) : !String(answer ?? "").trim());

function threshold({ kind, needed, reached }) {
  const show = kind === "spend" ? (fen) => `¥${yuan(fen)}` : String;
  return {
    kind,
    text: say(`fast_${kind}`, { needed: show(needed) }),
    reached: `${show(reached)} / ${show(needed)}`,
    max: needed,
    value: Math.min(reached, needed),
  };
}

start({ join, posterSheet, shareBar });
