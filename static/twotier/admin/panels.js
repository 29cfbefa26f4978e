// A panel that leaves itself out takes its link in the contents of the page with it.
document.addEventListener("htmx:afterSwap", (event) => {
  const panel = event.target.closest?.(".tt-panel");
  if (panel && !event.target.textContent.trim()) {
    document.querySelector(`.tt-jump a[href="#${panel.id}"]`)?.remove();
  }
});
