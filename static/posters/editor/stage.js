// Handles over the preview: drag, resize, and the same with the keyboard.

import { h, fill } from "./dom.js";
import { boxOf, dimensions, layoutOf, moved, resized, SNAP, snap, write } from "./geometry.js";

const ARROWS = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
};
const CORNERS = ["right", "bottom", "both"];

export class Stage {
    constructor(store, root, { canEdit, nameOf, onRemove }) {
        this.store = store;
        this.root = root;
        this.canEdit = canEdit;
        this.nameOf = nameOf;
        this.onRemove = onRemove;
        this.drag = null;
        root.addEventListener("pointerdown", (event) => {
            if (event.target === root) store.select("");
        });
        new ResizeObserver(() => this.render()).observe(root);
    }

    get factor() {
        const [width] = dimensions(layoutOf(this.store.size));
        return this.root.clientWidth / width || 1;
    }

    render() {
        if (this.drag) {
            this.place();
            return;
        }
        const focused = this.root.contains(document.activeElement)
            ? document.activeElement.dataset.id
            : "";
        const shown = this.store.elements.filter((element) => element.visible !== false);
        fill(this.root, ...shown.map((element) => this.handle(element)));
        this.place();
        if (focused) this.find(focused)?.focus({ preventScroll: true });
    }

    find(id) {
        return this.root.querySelector(`.pe-handle[data-id="${CSS.escape(id)}"]`);
    }

    handle(element) {
        const isSelected = element.id === this.store.selected;
        const isFixed = Boolean(element.locked) || !this.canEdit;
        const grips =
            isSelected && !isFixed
                ? CORNERS.map((corner) =>
                      h("span", {
                          className: `pe-grip pe-grip-${corner}`,
                          onpointerdown: (event) => this.start(event, element.id, corner),
                      }),
                  )
                : [];
        return h(
            "div",
            {
                className: "pe-handle",
                "data-id": element.id,
                "data-locked": isFixed,
                "data-selected": isSelected,
                role: "button",
                tabIndex: 0,
                "aria-label": this.nameOf(element),
                "aria-pressed": String(isSelected),
                onpointerdown: (event) => this.start(event, element.id, ""),
                onkeydown: (event) => this.key(event, element.id),
                onfocus: () => this.store.select(element.id),
            },
            ...grips,
        );
    }

    place() {
        const { document, size } = this.store;
        for (const element of this.store.elements) {
            const node = this.find(element.id);
            if (!node) continue;
            const box = boxOf(document, size, element);
            for (const [side, value] of [
                ["left", box.x],
                ["top", box.y],
                ["width", box.w],
                ["height", box.h],
            ]) {
                node.style[side] = `${value * this.factor}px`;
            }
        }
    }

    start(event, id, corner) {
        if (event.button !== 0) return;
        event.preventDefault();
        event.stopPropagation();
        this.store.select(id);
        this.find(id)?.focus({ preventScroll: true });
        const element = this.store.element;
        if (!element || element.locked || !this.canEdit) return;
        const node = this.find(id);
        this.drag = {
            id,
            corner,
            from: [event.clientX, event.clientY],
            box: boxOf(this.store.document, this.store.size, element),
            merge: `drag ${id} ${event.timeStamp}`,
        };
        node.setPointerCapture(event.pointerId);
        node.onpointermove = (move) => this.move(move);
        node.onpointerup = node.onpointercancel = () => this.end(node);
    }

    move(event) {
        const { id, corner, from, box, merge } = this.drag;
        const isExact = event.altKey;
        const dx = (event.clientX - from[0]) / this.factor;
        const dy = (event.clientY - from[1]) / this.factor;
        const { size, element } = this.store;
        let values;
        if (corner) {
            const right = snap(box.x + box.w + dx, isExact) - box.x - box.w;
            const bottom = snap(box.y + box.h + dy, isExact) - box.y - box.h;
            values = resized(element, box, right, bottom, corner);
        } else {
            values = moved(box, dx, dy);
            values = { x: snap(values.x, isExact), y: snap(values.y, isExact) };
        }
        this.store.change((document) => write(document, size, id, values), merge);
    }

    end(node) {
        node.onpointermove = node.onpointerup = node.onpointercancel = null;
        this.drag = null;
        this.render();
    }

    // Arrows move by a pixel, with Shift by eight; with Ctrl they resize.
    key(event, id) {
        if (event.key === "Escape") {
            this.store.select("");
            return;
        }
        const element = this.store.elements.find((row) => row.id === id);
        if (!element || element.locked || !this.canEdit) return;
        if (event.key === "Delete") {
            event.preventDefault();
            this.onRemove(id);
            return;
        }
        const arrow = ARROWS[event.key];
        if (!arrow) return;
        event.preventDefault();
        const step = event.shiftKey ? SNAP : 1;
        const [dx, dy] = arrow.map((part) => part * step);
        const { document, size } = this.store;
        const box = boxOf(document, size, element);
        const values = event.ctrlKey
            ? resized(element, box, dx, dy, dx ? "right" : "bottom")
            : moved(box, dx, dy);
        this.store.change((draft) => write(draft, size, id, values), `key ${id}`);
    }
}
