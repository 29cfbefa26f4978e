// The palette: Ctrl+K, or any element with data-open-palette, finds everything while one types.
import { Choice } from "./choice.js";

const PAUSE = 140; // ms: less than the pause between two words

const palette = document.getElementById("tt-palette");

if (palette) {
  const input = palette.querySelector("input");
  const list = palette.querySelector(".tt-found");
  const state = palette.querySelector(".tt-palette-state");
  const choice = new Choice(input, list);
  let timer = 0;
  let request = null;

  const open = () => {
    if (!palette.open) {
      palette.showModal();
    }
    input.select();
  };

  const show = (html) => {
    list.innerHTML = html;
    choice.reset();
    input.setAttribute("aria-expanded", String(choice.options.length > 0));
  };

  const search = async () => {
    request?.abort();
    const term = input.value.trim();
    if (!term) {
      state.textContent = "";
      show("");
      return;
    }
    request = new AbortController();
    state.textContent = palette.dataset.loading;
    try {
      const address = `${palette.dataset.url}?${new URLSearchParams({ q: term })}`;
      const response = await fetch(address, { signal: request.signal, redirect: "manual" });
      if (response.type === "opaqueredirect") {
        window.location.reload(); // signed out meanwhile
        return;
      }
      show(response.ok ? await response.text() : "");
      state.textContent = response.ok ? "" : palette.dataset.failed;
    } catch (error) {
      if (error.name !== "AbortError") {
        state.textContent = palette.dataset.failed;
      }
    }
  };

  const follow = (event) => {
    const link = choice.current;
    if (!link?.href) {
      return;
    }
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      window.open(link.href, "_blank", "noopener");
    } else {
      window.location.assign(link.href);
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) {
      return; // Enter ends a word of an input method
    }
    if (event.key === "Escape") {
      event.preventDefault(); // the browser would empty the input first
      palette.close();
    } else if (event.key === "Enter") {
      follow(event);
    } else {
      choice.move(event);
    }
  });
  palette.addEventListener("click", (event) => {
    if (event.target === palette || event.target.closest("[data-close]")) {
      palette.close();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey) {
      event.preventDefault();
      open();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-palette]")) {
      event.preventDefault();
      open();
    }
  });
  window.addEventListener("opencommand", open);
}
