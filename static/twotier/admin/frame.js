// The frame of the back office: focus in dialogs, copy buttons, the filter of "All data".

const FOCUSABLE = "a[href], button:not([disabled]), input:not([type=hidden]):not([disabled]), "
    + "select:not([disabled]), textarea:not([disabled]), [tabindex='0']";
const IDS = ["public_id", "code", "number", "order_no", "external_id", "out_bill_no", "key", "document"];
const LOOKS_LIKE_AN_ID = /^[0-9A-Za-z][0-9A-Za-z_.:-]{5,79}$/;
const words = document.getElementById("fr-words")?.dataset ?? {};

// A dialog gets the focus, keeps it, and gives it back.
const box = document.getElementById("modal-content");
let opener = null;

function visible(element) {
    return element.getClientRects().length > 0;
}

function enterDialog() {
    const fields = [...box.querySelectorAll("input:not([type=hidden]), select, textarea")].filter(visible);
    (fields[0] ?? box).focus();
}

function keepInside(event) {
    if (event.key !== "Tab") return;
    const stops = [...box.querySelectorAll(FOCUSABLE)].filter(visible);
    if (!stops.length) return;
    const last = stops.at(-1);
    const outside = !box.contains(document.activeElement) || document.activeElement === box;
    if (event.shiftKey && (outside || document.activeElement === stops[0])) {
        event.preventDefault();
        last.focus();
    } else if (!event.shiftKey && document.activeElement === last) {
        event.preventDefault();
        stops[0].focus();
    }
}

if (box) {
    document.addEventListener("htmx:beforeRequest", (event) => {
        if (event.detail.target === box) opener = document.activeElement;
    });
    let open = false;
    new MutationObserver(() => {
        if (visible(box) === open) return;
        open = !open;
        if (open) {
            enterDialog();
        } else {
            opener?.focus();
        }
    }).observe(box.parentElement, { attributes: true, attributeFilter: ["style"] });
    document.addEventListener("htmx:afterSwap", (event) => {
        if (open && event.detail.target.id === "dialog-form") enterDialog();
    });
    box.addEventListener("keydown", keepInside);
}

// Copy: elements with data-copy, and ids in lists and forms.
async function copy(text) {
    if (navigator.clipboard && window.isSecureContext) {
        await navigator.clipboard.writeText(text);
        return;
    }
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
}

function copyButton(text, inList) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "tt-copy";
    button.dataset.copy = text;
    button.title = words.copyWord ?? "";
    button.setAttribute("aria-label", `${words.copyWord ?? ""} ${text}`.trim());
    // Fifty more stops in a list would be in the way; the page of a row has its own.
    if (inList) button.tabIndex = -1;
    const icon = document.createElement("span");
    icon.className = "material-symbols-outlined";
    icon.setAttribute("aria-hidden", "true");
    icon.textContent = "content_copy";
    button.append(icon);
    return button;
}

function addCopyButtons(root) {
    const cells = IDS.map((name) => `td.field-${name}, th.field-${name}`).join(", ");
    for (const cell of root.querySelectorAll(cells)) addTo(cell, true);
    const fields = IDS.map((name) => `[data-field="${name}"] .readonly`).join(", ");
    for (const field of root.querySelectorAll(fields)) addTo(field, false);
}

function addTo(place, inList) {
    const text = place.textContent.trim();
    if (!LOOKS_LIKE_AN_ID.test(text) || !/[0-9]/.test(text)) return;
    if (place.querySelector(".tt-copy, [data-copy]")) return;
    place.append(copyButton(text, inList));
}

document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    event.preventDefault();
    event.stopPropagation();
    await copy(button.dataset.copy);
    const icon = button.querySelector(".material-symbols-outlined");
    if (icon) icon.textContent = "check";
    button.classList.add("tt-copied");
    const said = document.getElementById("fr-said");
    if (said) said.textContent = words.copied ?? "";
    setTimeout(() => {
        if (icon) icon.textContent = "content_copy";
        button.classList.remove("tt-copied");
        if (said) said.textContent = "";
    }, 1600);
}, true);

addCopyButtons(document);
document.addEventListener("htmx:load", (event) => addCopyButtons(event.detail.elt));

// "All data": hide what does not contain the text.
const find = document.querySelector("[data-part=find-table]");
find?.addEventListener("input", () => {
    const text = find.value.trim().toLowerCase();
    for (const group of document.querySelectorAll("[data-part=tables]")) {
        let any = false;
        for (const row of group.querySelectorAll("li")) {
            row.hidden = !row.textContent.toLowerCase().includes(text);
            any ||= !row.hidden;
        }
        group.hidden = !any;
    }
});

for (const back of document.querySelectorAll("[data-part=back]")) {
    back.hidden = history.length < 2;
    back.addEventListener("click", () => history.back());
}

// Django's picker of several rows names its icons, which have no role; and scrolled tables get
// the names of their headings, so that no two regions have the same.
window.addEventListener("load", () => setTimeout(() => {
    document.querySelectorAll(".simplebar-content-wrapper[aria-label]").forEach((region, place) => {
        const heading = region.closest("fieldset, section, [data-inline-formset]")?.querySelector("h2, h3");
        region.setAttribute("aria-label", `${heading?.textContent.trim() || words.scrolled || ""} ${place + 1}`.trim());
    });
    for (const icon of document.querySelectorAll(".selector span[aria-label]:not([role])")) {
        icon.setAttribute("role", "img");
    }
}));

// Fields of tables have headings instead of labels, and an empty box of Select2 has no name.
function headingOf(field) {
    const cell = field.closest("td, th");
    const heading = cell?.closest("table")?.tHead?.rows[0]?.cells[cell.cellIndex];
    const line = field.closest("[data-field], .field-line, .field-row");
    return (field.labels?.[0] ?? heading ?? line?.querySelector("label, legend"))?.textContent.trim();
}

function nameFields() {
    for (const heading of document.querySelectorAll("[data-inline-formset] thead th:last-child")) {
        const label = heading.closest("table").querySelector("td.delete")?.dataset.label;
        if (!label || heading.textContent.trim()) continue;
        const text = document.createElement("span");
        text.className = "tt-unseen";
        text.textContent = label;
        heading.append(text);
    }
    for (const field of document.querySelectorAll("[data-inline-formset] :is(input, select, textarea)")) {
        const isNamed = field.labels?.length || field.getAttribute("aria-label") || field.type === "hidden";
        if (!isNamed && headingOf(field)) field.setAttribute("aria-label", headingOf(field));
    }
    for (const box of document.querySelectorAll(".select2-selection:not([aria-label])")) {
        const select = box.closest(".select2")?.previousElementSibling;
        const name = select && (select.getAttribute("aria-label") || headingOf(select));
        if (!name) continue;
        for (const part of [box, ...box.querySelectorAll("[role=textbox]")]) part.setAttribute("aria-label", name);
    }
}

window.addEventListener("load", () => setTimeout(nameFields));
document.addEventListener("formset:added", nameFields);
