// WeChat's JS-SDK, which sets what its menu shares. It is loaded inside WeChat only, and only if
// the shop has an official account: the server then names its address, and allows no other.

import { get } from "./api.js";
import { page } from "./page.js";

let ready = null;
let wanted = null;

/** Load the SDK, if this page may, and let WeChat's menu share the page. */
export function preparePage() {
  if (!page.wechatScript) return;
  ready ??= load().catch(() => null); // without it, the menu shares the plain page
  setCard(wanted ?? { link: page.link, title: page.title, desc: page.description, image: page.image });
}

/** Let WeChat's menu share this card. */
export async function setCard(card) {
  wanted = card;
  const wx = await ready;
  if (!wx || wanted !== card) return;
  const { link, title, desc, image } = card;
  wx.updateAppMessageShareData({ title, desc, link, imgUrl: image });
  wx.updateTimelineShareData({ title, link, imgUrl: image });
}

async function load() {
  await new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = page.wechatScript;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
  const { wx } = window;
  const { body } = await get("/wechat/js-config", { url: location.href.split("#")[0] });
  return new Promise((resolve, reject) => {
    wx.config({
      appId: body.app_id, timestamp: body.timestamp, nonceStr: body.nonce, signature: body.signature,
      jsApiList: ["updateAppMessageShareData", "updateTimelineShareData"],
    });
    wx.ready(() => resolve(wx));
    wx.error(reject);
  });
}
