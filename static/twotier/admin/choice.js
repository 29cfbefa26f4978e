// A list under an input: arrows choose, the focus stays in the input (ARIA combobox).
export class Choice {
  constructor(input, list) {
    this.input = input;
    this.list = list;
    this.options = [];
    this.at = -1;
  }

  get current() {
    return this.options[this.at] ?? null;
  }

  reset(at = 0) {
    this.options = [...this.list.querySelectorAll('[role="option"]:not([aria-disabled])')];
    this.options.forEach((option, place) => {
      option.id ||= `${this.input.id || "choice"}-${place}`;
      option.addEventListener("mousemove", () => this.choose(place, false));
    });
    this.at = -1;
    this.choose(this.options.length ? at : -1, false);
  }

  choose(place, scroll = true) {
    if (place === this.at) {
      return;
    }
    this.current?.setAttribute("aria-selected", "false");
    this.at = place;
    const chosen = this.current;
    if (!chosen) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    chosen.setAttribute("aria-selected", "true");
    this.input.setAttribute("aria-activedescendant", chosen.id);
    if (scroll) {
      chosen.scrollIntoView({ block: "nearest" });
    }
  }

  // Return whether the key chose another option.
  move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const count = this.options.length;
    if (!step || !count) {
      return false;
    }
    event.preventDefault();
    this.choose((this.at + step + count) % count);
    return true;
  }
}
