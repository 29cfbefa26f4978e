/** Categories and pictures: dragging and keys press the same buttons as people do. */

/** Post a form with one more value. htmx does not know a button that nobody has clicked. */
function submitWith(form, name, value) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
    form.requestSubmit();
    input.remove();
}

/**
 * Let the items of a list be dragged. `zoneOf` says where a drop on an item would go, and `drop`
 * gets the dragged item, the other one and the zone.
 */
function enableDragging(selector, zoneOf, drop) {
    let dragged = null;
    const itemOf = (target) => target.closest?.(selector);
    const clear = () => {
        for (const item of document.querySelectorAll(`${selector}[data-zone]`)) delete item.dataset.zone;
    };
    document.addEventListener("dragstart", (event) => {
        dragged = itemOf(event.target);
        if (!dragged) return;
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", "");
        dragged.classList.add("ct-dragged");
    });
    document.addEventListener("dragover", (event) => {
        const item = itemOf(event.target);
        if (!dragged || !item) return;
        event.preventDefault();
        clear();
        if (item !== dragged) item.dataset.zone = zoneOf(item.getBoundingClientRect(), event);
    });
    document.addEventListener("drop", (event) => {
        const item = itemOf(event.target);
        if (!dragged || !item) return;
        event.preventDefault();
        const zone = item.dataset.zone;
        if (zone) drop(dragged, item, zone);
    });
    document.addEventListener("dragend", () => {
        dragged?.classList.remove("ct-dragged");
        dragged = null;
        clear();
    });
}

// Categories

function categoryZone(box, { clientY }) {
    const part = (clientY - box.top) / box.height;
    if (part < 0.3) return "before";
    return part > 0.7 ? "after" : "into";
}

enableDragging(".ct-row[draggable]", categoryZone, (row, other, zone) => {
    const value = [row.dataset.key, row.dataset.parent, other.dataset.key, other.dataset.parent, zone];
    submitWith(document.getElementById("ct-form"), "drop", value.join(":"));
});

const rows = () => [...document.querySelectorAll(".ct-row")];
const STEPS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in" };

/** Only the row with the focus takes part in the order of the tab key. */
function rove(current) {
    for (const row of rows()) {
        const isCurrent = row === current;
        for (const part of row.querySelectorAll("a, button")) part.tabIndex = isCurrent ? 0 : -1;
    }
}

document.addEventListener("focusin", ({ target }) => {
    const row = target.closest(".ct-row");
    if (row) rove(row);
});

document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.(".ct-row");
    if (!row || !(event.key in STEPS)) return;
    if (event.altKey) {
        event.preventDefault();
        row.querySelector(`[data-step="${STEPS[event.key]}"]`)?.click();
        return;
    }
    const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const all = rows();
    all[all.indexOf(row) + way]?.querySelector(".ct-name").focus();
});

let focused = null;
document.addEventListener("htmx:beforeRequest", ({ target }) => {
    focused = target.id === "ct-form" ? document.activeElement.closest(".ct-row")?.dataset.key : null;
});
document.addEventListener("htmx:afterSwap", () => {
    const tree = document.getElementById("ct-tree");
    for (const button of document.querySelectorAll(".pp-upload button")) button.hidden = true;
    if (!tree) return;
    const key = tree.dataset.moved ?? focused;
    const row = rows().find((one) => one.dataset.key === key);
    rove(row ?? rows()[0]);
    row?.querySelector(".ct-name").focus();
});
rove(rows()[0]);

// Pictures of a product

// Chosen pictures are sent at once; the button is for those without scripts.
for (const button of document.querySelectorAll(".pp-upload button")) button.hidden = true;
document.addEventListener("change", ({ target }) => {
    if (target.matches(".pp-upload input") && target.files.length) target.form.requestSubmit();
});

function pictureZone(box, { clientX }) {
    return clientX < box.left + box.width / 2 ? "before" : "after";
}

enableDragging(".pp-item[draggable]", pictureZone, (item, other, zone) => {
    const list = item.parentElement;
    const order = [...list.querySelectorAll(".pp-item[draggable]")].filter((one) => one !== item);
    order.splice(order.indexOf(other) + (zone === "after" ? 1 : 0), 0, item);
    submitWith(item.closest("form"), "order", order.map((one) => one.dataset.id).join(","));
});
