// The list of elements, the topmost first.

import { h, fill } from "./dom.js";

export class Layers {
    constructor(store, root, { canEdit, words, nameOf, onAdd, onRemove, types }) {
        Object.assign(this, { store, root, canEdit, words, nameOf, onAdd, onRemove, types });
    }

    // As they are drawn: by z, then by their place in the document.
    get order() {
        return this.store.elements
            .map((element, place) => ({ element, place }))
            .sort((a, b) => (a.element.z || 0) - (b.element.z || 0) || a.place - b.place)
            .map((row) => row.element);
    }

    render() {
        const order = this.order;
        const rows = order.map((element, place) => this.row(element, place, order.length));
        fill(this.root, this.adding(), h("ol", { className: "pe-layers" }, ...rows.reverse()));
    }

    adding() {
        if (!this.canEdit) return null;
        const kinds = h(
            "select",
            { className: "pe-input", "aria-label": this.words.add },
            ...this.types.map((type) => h("option", { value: type.name }, type.label)),
        );
        const add = () => this.onAdd(kinds.value);
        return h(
            "div",
            { className: "pe-add" },
            kinds,
            h("button", { type: "button", className: "pe-button", onclick: add }, this.words.add),
        );
    }

    row(element, place, count) {
        const name = this.nameOf(element);
        const isSelected = element.id === this.store.selected;
        const select = h(
            "button",
            {
                type: "button",
                className: "pe-layer-name",
                "aria-pressed": String(isSelected),
                onclick: () => this.store.select(element.id),
            },
            name,
        );
        const isHidden = element.visible === false;
        const buttons = [
            ["visible", isHidden ? "visibility_off" : "visibility", this.words.visible, !isHidden],
            ["locked", element.locked ? "lock" : "lock_open", this.words.locked, !!element.locked],
        ].map(([key, icon, label, isOn]) =>
            this.button(icon, `${label}: ${name}`, () => this.toggle(element.id, key, isOn), {
                "aria-pressed": String(isOn),
            }),
        );
        const moves = [
            ["arrow_upward", this.words.raise, 1, place === count - 1],
            ["arrow_downward", this.words.lower, -1, place === 0],
        ].map(([icon, label, by, isEnd]) =>
            this.button(icon, `${label}: ${name}`, () => this.shift(place, by), {
                disabled: isEnd || !this.canEdit,
            }),
        );
        const remove = this.button(
            "delete", `${this.words.remove}: ${name}`, () => this.onRemove(element.id), {},
        );
        return h(
            "li",
            { className: "pe-layer", "data-id": element.id, "data-selected": isSelected },
            select, ...buttons, ...moves, remove,
        );
    }

    button(icon, label, onclick, more) {
        return h(
            "button",
            {
                type: "button", className: "pe-icon", title: label, "aria-label": label, onclick,
                disabled: !this.canEdit, ...more,
            },
            h("span", { className: "material-symbols-outlined", "aria-hidden": "true" }, icon),
        );
    }

    toggle(id, key, isOn) {
        this.store.change((document) => {
            const element = document.elements.find((row) => row.id === id);
            if (key === "visible") {
                if (isOn) element.visible = false;
                else delete element.visible;
            } else if (isOn) delete element.locked;
            else element.locked = true;
        });
    }

    // The order of the document says it all afterwards: no element needs a z.
    shift(place, by) {
        const ids = this.order.map((element) => element.id);
        const [id] = ids.splice(place, 1);
        ids.splice(place + by, 0, id);
        this.store.change((document) => {
            const rows = new Map(document.elements.map((row) => [row.id, row]));
            document.elements = ids.map((each) => rows.get(each));
            for (const row of document.elements) delete row.z;
        });
    }
}
