// What the server gave to this page: its data, and the sentences that scripts show.

function read(id) {
  const element = document.getElementById(id);
  return element ? JSON.parse(element.textContent) : {};
}

export const page = read("page");
const words = read("words");

/** Return a sentence in the language of the page; {name} stands for a value. */
export function say(name, values = {}) {
  const text = words[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

export const language = document.documentElement.lang || "zh-hans";
export const inWeChat = /MicroMessenger/i.test(navigator.userAgent);
