// What every page has: the bar at the top, the notice when the phone is offline, and messages.

import Alpine from "../vendor/alpine.js";
import { Problem } from "./api.js";
import { language, say } from "./page.js";
import { me } from "./session.js";
import { preparePage } from "./wechat.js";

const A_YEAR = 31_536_000;
const SHOWN_FOR = 2600;

const toast = {
  text: "",
  timer: 0,

  show(text) {
    this.text = text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.text = ""; }, SHOWN_FOR);
  },
};

const frame = () => ({
  online: navigator.onLine,

  async init() {
    window.addEventListener("online", () => { this.online = true; });
    window.addEventListener("offline", () => { this.online = false; });
    preparePage();
    await this.$store.me.load();
  },

  switchLanguage() {
    const other = language === "en" ? "zh-hans" : "en";
    document.cookie = `django_language=${other}; path=/; max-age=${A_YEAR}; samesite=lax`;
    location.reload();
  },

  reload() { location.reload(); },
  back() { history.back(); },
});

/** Show a message for a moment. */
export const tell = (text) => Alpine.store("toast").show(text);

/** Register the components of a page, and start. */
export function start(components) {
  Alpine.store("me", me);
  Alpine.store("toast", toast);
  Alpine.data("frame", frame);
  for (const [name, component] of Object.entries(components)) Alpine.data(name, component);
  window.addEventListener("unhandledrejection", (event) => {
    if (!(event.reason instanceof Problem)) return;
    event.preventDefault();
    tell(event.reason.message || say("failed"));
  });
  Alpine.start();
}
