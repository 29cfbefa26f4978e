// The properties of the selected element, or of the template if none is selected.

import { h, fill } from "./dom.js";
import { FIELDS, labelled } from "./fields.js";
import { laidOut, layoutOf, ownSize, write } from "./geometry.js";

const PLACE = ["x", "y", "w", "h"];

export class Form {
    constructor(store, root, { canEdit, words, forms, nameOf, onRename }) {
        Object.assign(this, { store, root, canEdit, words, forms, nameOf, onRename });
        this.shown = "";
        this.isTyping = false;
    }

    // While somebody types, only the other inputs follow.
    render() {
        if (this.isTyping) return;
        const element = this.store.element;
        const kind = element ? element.type : "canvas";
        const fields = this.forms[kind] || [];
        fill(
            this.root,
            this.colors(),
            h("h3", { className: "pe-title" }, element ? this.nameOf(element) : this.words.template),
            h(
                "fieldset",
                { className: "pe-fields", disabled: !this.canEdit },
                ...(element ? [this.identity(element)] : []),
                ...fields.map((field) => this.field(field)),
                ...(element ? [] : [this.palette()]),
            ),
        );
    }

    identity(element) {
        const input = h("input", {
            type: "text", className: "pe-input pe-mono", value: element.id, maxLength: 30,
            onchange: () => this.onRename(element.id, input),
        });
        return labelled({ key: "id", label: this.words.id }, input);
    }

    field(field) {
        const set = (value, isStructure = false) => this.set(field, value, isStructure);
        const node = FIELDS[field.kind](field, this.value(field), set, {
            words: this.words,
            tokens: this.store.document.tokens || {},
        });
        return labelled(field, node);
    }

    // In another size the place of an element is that of the size.
    value(field) {
        const { document, element, size } = this.store;
        if (!element) return read(document, field.path);
        const source = PLACE.includes(field.key) ? laidOut(document, size, element) : element;
        return source[field.key];
    }

    set(field, value, isStructure) {
        const { selected, size } = this.store;
        this.isTyping = !isStructure;
        try {
            this.store.change((document) => {
                if (!selected) assign(document, field.path, value);
                else this.setOfElement(document, size, selected, field.key, value);
            }, isStructure ? "" : `form ${selected} ${field.path || field.key}`);
        } finally {
            this.isTyping = false;
        }
        if (isStructure) this.render();
    }

    setOfElement(document, size, id, key, value) {
        const isOwn = layoutOf(size) === ownSize(document);
        if (!isOwn && PLACE.includes(key) && value !== undefined) {
            write(document, size, id, { [key]: value });
            return;
        }
        const element = document.elements.find((row) => row.id === id);
        if (value === undefined) delete element[key];
        else element[key] = value;
    }

    palette() {
        const tokens = this.store.document.tokens || {};
        const rows = Object.entries(tokens).map(([name, color]) => {
            const field = { key: `token-${name}`, label: `$${name}`, path: `tokens/${name}` };
            return labelled(field, FIELDS.color(field, color, (value) => {
                if (value) this.set(field, value, false);
            }));
        });
        return h("div", { className: "pe-palette" }, h("h4", {}, this.words.palette), ...rows);
    }

    colors() {
        const names = Object.keys(this.store.document.tokens || {});
        return h(
            "datalist",
            { id: "pe-colors" },
            ...names.map((name) => h("option", { value: `$${name}` })),
        );
    }

    // Mark the fields that the server complains about.
    mark(problems, elements) {
        for (const node of this.root.querySelectorAll(".pe-field")) delete node.dataset.problem;
        for (const problem of problems) {
            const [, place, key] = problem.path.match(/^elements\/(\d+)\/?([a-z_]*)/) || [];
            if (place === undefined || elements[place]?.id !== this.store.selected) continue;
            const node = this.root.querySelector(`.pe-field[data-key="${key}"]`);
            if (node) node.dataset.problem = problem.message;
        }
    }
}

function read(document, path) {
    return path.split("/").reduce((value, key) => value?.[key], document);
}

function assign(document, path, value) {
    const keys = path.split("/");
    const last = keys.pop();
    const target = keys.reduce((parent, key) => (parent[key] = parent[key] || {}), document);
    if (value === undefined) delete target[last];
    else target[last] = value;
}
