// The share bar: WeChat by its own menu, and copy, QQ and Weibo by link.

import { post } from "./api.js";
import { copy } from "./clipboard.js";
import { tell } from "./frame.js";
import { inWeChat, page, say } from "./page.js";
import { setCard } from "./wechat.js";

const QQ = "https://connect.qq.com/widget/shareqq/index.html";
const WEIBO = "https://service.weibo.com/share/share.php";
const cards = new Map();

/** Return the card of this page's target in a channel, as the member who is signed in shares it. */
export function cardFor(channel, target = page.target) {
  const key = `${target.kind}:${target.id ?? ""}:${channel}`;
  if (!cards.has(key)) {
    const asked = post("/shares", { target, channel }).then(({ body }) => body);
    asked.catch(() => cards.delete(key));
    cards.set(key, asked);
  }
  return cards.get(key);
}

const plain = () => ({ link: page.link, title: page.title, desc: page.description, image: page.image });

export const shareBar = () => ({
  open: false,
  pointing: false,
  link: "",
  inWeChat,

  show() {
    this.open = true;
    this.$nextTick(() => this.$refs.sheet?.focus());
  },

  hide() { this.open = false; },
  unpoint() { this.pointing = false; },

  /** Return the card for a channel; without a sign-in it is the page itself. */
  async card(channel) {
    const { me } = this.$store;
    await me.load().catch(() => {});
    return me.isIn ? (await cardFor(channel)).h5 : plain();
  },

  async toWeChat(channel) {
    const card = await this.card(channel);
    if (inWeChat) setCard(card);
    else if (!(await copy(card.link))) this.link = card.link;
    this.open = false;
    this.pointing = true;
  },

  toChat() { return this.toWeChat("chat"); },
  toMoments() { return this.toWeChat("moments"); },

  async copyLink() {
    const link = this.card("other").then((card) => card.link);
    if (await copy(link)) {
      this.open = false;
      tell(say("copied"));
    } else {
      this.link = await link; // shown, to be copied by hand
    }
  },

  toQQ() {
    return this.leaveTo("qq", (card) =>
      `${QQ}?${new URLSearchParams({ url: card.link, title: card.title, summary: card.desc ?? "", pics: card.image ?? "" })}`);
  },

  toWeibo() {
    return this.leaveTo("weibo", (card) =>
      `${WEIBO}?${new URLSearchParams({ url: card.link, title: card.title, pic: card.image ?? "" })}`);
  },

  /** Open another site in a new tab, which must be opened in the handler of the tap. */
  async leaveTo(channel, address) {
    const tab = window.open("about:blank", "_blank");
    try {
      const url = address(await this.card(channel));
      if (tab) {
        tab.opener = null;
        tab.location.replace(url);
      } else {
        location.assign(url);
      }
      this.open = false;
    } catch (problem) {
      tab?.close();
      throw problem;
    }
  },
});
