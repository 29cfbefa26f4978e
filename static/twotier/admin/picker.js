// Pickers: type a name, choose a row, and the form gets its id. They work in dialogs that are
// loaded later, because the document listens.
import { Choice } from "./choice.js";

const PAUSE = 180;
const pickers = new WeakMap();

const pickerOf = (element) => {
  const root = element.closest?.(".tt-picker");
  if (!root) {
    return null;
  }
  if (!pickers.has(root)) {
    pickers.set(root, new Picker(root));
  }
  return pickers.get(root);
};

class Picker {
  constructor(root) {
    this.root = root;
    this.input = root.querySelector("input");
    this.list = root.querySelector(".tt-hits");
    this.picked = root.querySelector(".tt-picked");
    this.choice = new Choice(this.input, this.list);
    this.list.id = `${this.input.id || this.input.name}-hits`;
    this.input.setAttribute("aria-controls", this.list.id);
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the focus stays in the input
      const option = event.target.closest("[data-value]");
      if (option) {
        this.pick(option);
      }
    });
  }

  type() {
    this.picked.textContent = "";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(), PAUSE);
  }

  async search() {
    this.request?.abort();
    const term = this.input.value.trim();
    if (!term) {
      this.close();
      return;
    }
    this.request = new AbortController();
    const address = `${this.root.dataset.url}?${new URLSearchParams({ q: term })}`;
    try {
      const response = await fetch(address, { signal: this.request.signal });
      if (response.ok) {
        this.list.innerHTML = await response.text();
        this.choice.reset();
        this.show(this.list.childElementCount > 0);
      }
    } catch (error) {
      if (error.name !== "AbortError") {
        this.close();
      }
    }
  }

  show(visible) {
    this.list.hidden = !visible;
    this.input.setAttribute("aria-expanded", String(visible));
  }

  close() {
    this.request?.abort();
    clearTimeout(this.timer);
    this.show(false);
  }

  pick(option) {
    const { value, title, detail } = option.dataset;
    this.input.value = value;
    this.picked.textContent = detail ? `${title} · ${detail}` : title;
    this.close();
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  press(event) {
    if (event.isComposing || this.list.hidden) {
      return;
    }
    if (event.key === "Enter" && this.choice.current) {
      event.preventDefault(); // picks instead of sending the form
      this.pick(this.choice.current);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation(); // the dialog around it stays open
      this.close();
    } else {
      this.choice.move(event);
    }
  }
}

document.addEventListener("input", (event) => pickerOf(event.target)?.type());
document.addEventListener("keydown", (event) => pickerOf(event.target)?.press(event), true);
document.addEventListener("focusout", (event) => pickerOf(event.target)?.close());
