/** Lists: filters that apply at once, the sum of the selected rows, menus that close. */
import { yuan } from "./yuan.js";

const filters = document.getElementById("list-filters");

function clearInputs(inputs) {
    for (const input of inputs) input.value = "";
}

/** Leave out empty inputs, so that addresses are short and can be shared. */
function submitFilters() {
    filters.requestSubmit();
}

filters?.addEventListener("submit", () => {
    for (const input of filters.elements) {
        if (input.name && !input.value) input.disabled = true;
    }
});

// A page that the browser takes back from its memory must have its inputs again.
window.addEventListener("pageshow", () => {
    for (const input of filters?.elements ?? []) input.disabled = false;
});

filters?.addEventListener("change", ({ target }) => {
    const range = target.closest(".tl-range");
    if (target.matches("[data-period]")) {
        clearInputs(range.querySelectorAll("[data-day]"));
        submitFilters();
    } else if (target.matches("[data-day]")) {
        range.querySelector("[data-period]").value = "";
        const days = [...range.querySelectorAll("[data-day]")];
        if (days.every((day) => day.value)) submitFilters();
    } else if (target.matches("[data-submits]")) {
        submitFilters();
    }
});

/** Show how many rows are selected, and the sum of each of their columns of money. */
function showSelection() {
    const line = document.getElementById("list-selected");
    if (!line) return;
    const rows = [...document.querySelectorAll("#result_list input.action-select:checked")].map(
        (box) => box.closest("tr"),
    );
    line.hidden = rows.length === 0;
    const sums = new Map();
    for (const row of rows) {
        for (const amount of row.querySelectorAll("[data-fen]")) {
            const title = amount.closest("[data-label]")?.dataset.label ?? "";
            sums.set(title, (sums.get(title) ?? 0n) + BigInt(amount.dataset.fen));
        }
    }
    const parts = [...sums].map(([title, fen]) => `${title} ${yuan(fen)}`);
    line.textContent = [line.dataset.text.replace("{count}", rows.length), ...parts].join(" · ");
}

document.addEventListener("change", ({ target }) => {
    // Django's script checks the boxes of all rows after this event.
    if (target.matches(".action-select, #action-toggle")) setTimeout(showSelection);
});
document.addEventListener("htmx:afterSwap", showSelection);

document.addEventListener("click", ({ target }) => {
    for (const menu of document.querySelectorAll(".tl-menu[open]")) {
        if (!menu.contains(target)) menu.open = false;
    }
});
document.addEventListener("keydown", ({ key }) => {
    const menu = document.querySelector(".tl-menu[open]");
    if (key !== "Escape" || !menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
});
