// The keyboard of the team graph: arrows move between cards, right opens a team and left closes it.

const cards = (tree) => [...tree.querySelectorAll("[role=treeitem]")];
const level = (card) => Number(card.getAttribute("aria-level"));

function focus(tree, card) {
    if (!card) return;
    for (const other of cards(tree)) other.setAttribute("tabindex", other === card ? "0" : "-1");
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function toggle(card) {
    // htmx listens to the link; an element of SVG has no click().
    card.querySelector(".tm-toggle")?.dispatchEvent(
        new MouseEvent("click", { bubbles: true, cancelable: true }),
    );
}

function open(card) {
    const link = card.querySelector(".tm-person");
    if (card.classList.contains("more")) {
        link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
    } else {
        window.location.assign(link.getAttribute("href"));
    }
}

function parent(all, card) {
    return all.slice(0, all.indexOf(card)).reverse().find((other) => level(other) < level(card));
}

function right(tree, all, card) {
    if (card.getAttribute("aria-expanded") === "false") return toggle(card);
    const next = all[all.indexOf(card) + 1];
    if (next && level(next) > level(card)) focus(tree, next);
}

function left(tree, all, card) {
    if (card.getAttribute("aria-expanded") === "true") return toggle(card);
    focus(tree, parent(all, card));
}

const keys = {
    ArrowDown: (tree, all, card) => focus(tree, all[all.indexOf(card) + 1]),
    ArrowUp: (tree, all, card) => focus(tree, all[all.indexOf(card) - 1]),
    Home: (tree, all) => focus(tree, all[0]),
    End: (tree, all) => focus(tree, all[all.length - 1]),
    ArrowRight: right,
    ArrowLeft: left,
    Enter: (tree, all, card) => open(card),
    " ": (tree, all, card) => toggle(card),
};

document.addEventListener("keydown", (event) => {
    const card = event.target.closest?.("[role=treeitem]");
    const tree = card?.closest("[role=tree]");
    if (!tree || !keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key](tree, cards(tree), card);
});

document.addEventListener("click", (event) => {
    // htmx asks for the graph, but it does not know that a link of SVG is a link.
    const link = event.target.closest?.("svg a[hx-get]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) event.preventDefault();
    const dot = event.target.closest?.(".tm-dots [data-key]");
    if (dot) {
        window.location.assign(dot.closest(".tm-dots").dataset.url + dot.dataset.key);
        return;
    }
    // A screen reader presses the card, not the links in it.
    const card = event.target.closest?.("[role=treeitem]");
    if (card && !event.target.closest("a")) open(card);
});

// After a team is opened the graph is new: the same card has the focus again, unless the keyboard
// has gone on to another one before htmx settles.
let focused = "";
document.addEventListener("htmx:beforeSwap", () => {
    focused = document.activeElement?.closest?.("[role=treeitem]")?.id ?? "";
});
for (const moment of ["htmx:afterSwap", "htmx:afterSettle"]) {
    document.addEventListener(moment, () => {
        const active = document.activeElement?.closest?.("[role=treeitem]");
        const card = active ?? (focused ? document.getElementById(focused) : null);
        if (card) focus(card.closest("[role=tree]"), card);
    });
}
