// Keys, selection and focus of a desk. Without this file the page works by links and forms.

const desk = () => document.getElementById("desk");
const KEYS_OFF = "twotier.keys-off";
const selected = new Set();

function typing(target) {
    return target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
}

function move(step) {
    const links = [...desk().querySelectorAll(".desk-item a")];
    const at = links.findIndex((link) => link.getAttribute("aria-current"));
    const next = links[at + step];
    if (next) next.click();
}

// A button is chosen by its key and pressed by the same key again, so that a slip decides nothing.
function choose(element) {
    const form = element.closest("details");
    if (form && element.tagName === "SUMMARY") {
        form.open = true;
        form.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    } else if (document.activeElement === element) {
        element.click();
    } else {
        element.scrollIntoView({ block: "nearest" });
        element.focus();
    }
}

function select() {
    const box = desk().querySelector(".desk-item--current input[type=checkbox]");
    if (box) box.click();
}

function press(key) {
    const chosen = desk().querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (key === "j" || key === "k") move(key === "j" ? 1 : -1);
    else if (chosen) choose(chosen);
    else if (key === "x") select();
    else if (key === "n") desk().querySelector("#desk-note")?.focus();
    else if (key === "/") desk().querySelector(".desk-search input[type=search]")?.focus();
    else if (key === "?") document.getElementById("desk-help").showModal();
    else return false;
    return true;
}

document.addEventListener("keydown", (event) => {
    if (!desk() || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.repeat || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && desk().contains(event.target)) {
        const form = event.target.closest("details[open]");
        if (form) {
            form.open = false;
            form.querySelector("summary").focus();
        } else {
            event.target.blur();
        }
        return;
    }
    if (localStorage.getItem(KEYS_OFF) || typing(event.target)) return;
    if (press(event.key.toLowerCase())) event.preventDefault();
});

function showSelection() {
    const batch = document.getElementById("desk-batch");
    if (!batch) return;
    const boxes = [...desk().querySelectorAll(".desk-item input[type=checkbox]")];
    for (const box of boxes) box.checked = selected.has(box.value);
    const count = boxes.filter((box) => box.checked).length;
    batch.querySelector(".desk-selected").textContent = count ? `(${count})` : "";
    batch.querySelector("button").disabled = !count;
    const all = batch.querySelector(".desk-all");
    all.checked = count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
}

document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.matches(".desk-item input[type=checkbox]")) {
        if (box.checked) selected.add(box.value);
        else selected.delete(box.value);
    } else if (box.matches(".desk-all")) {
        for (const one of desk().querySelectorAll(".desk-item input[type=checkbox]")) {
            if (box.checked) selected.add(one.value);
            else selected.delete(one.value);
        }
    } else if (box.matches(".desk-keys-on")) {
        if (box.checked) localStorage.removeItem(KEYS_OFF);
        else localStorage.setItem(KEYS_OFF, "yes");
    } else {
        return;
    }
    showSelection();
});

document.addEventListener("click", (event) => {
    if (event.target.closest(".desk-keys")) document.getElementById("desk-help").showModal();
    const copy = event.target.closest("[data-copy-from]");
    if (copy) copyText(copy);
    const use = event.target.closest("[data-use-in]");
    if (use) useText(use);
});

async function copyText(button) {
    const text = document.getElementById(button.dataset.copyFrom).textContent.trim();
    await navigator.clipboard.writeText(text);
    button.querySelector(".desk-copied").hidden = false;
}

// Put a text into the form of a decision, as long as its field allows.
function useText(button) {
    const form = desk().querySelector(`summary[data-key="${button.dataset.useIn}"]`).closest("details");
    const field = form.querySelector("input[type=text], textarea");
    form.open = true;
    field.value = document.getElementById(button.dataset.useFrom).textContent.trim();
    if (field.maxLength > 0) field.value = field.value.slice(0, field.maxLength);
    field.focus();
}

function settle() {
    if (!desk()) return;
    const help = desk().querySelector(".desk-keys-on");
    if (help) help.checked = !localStorage.getItem(KEYS_OFF);
    showSelection();
    desk().querySelector(".desk-item--current")?.scrollIntoView({ block: "nearest" });
}

// A page of another kind, such as the sign-in after the session ended, is opened as a whole.
document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target } = event.detail;
    if (target?.id !== "desk") return;
    if (xhr.status >= 200 && xhr.status < 300 && !xhr.responseText.includes('id="desk"')) {
        event.detail.shouldSwap = false;
        location.assign(xhr.responseURL || location.href);
    }
});

for (const name of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(name, () => {
        const problem = desk()?.querySelector(".desk-problem");
        if (problem) problem.hidden = false;
    });
}

document.addEventListener("htmx:afterSettle", () => {
    settle();
    const wrong = desk()?.querySelector(".desk-decide [role=alert], .desk-row .errors");
    const field = wrong?.closest("form")?.querySelector("input:not([type=hidden]), select, textarea");
    (field || document.getElementById("desk-title"))?.focus({ preventScroll: true });
});

settle();
