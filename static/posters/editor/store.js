// The document that is being edited, what is selected in it, and the way back.

const STEPS = 100;

export class Store {
    constructor(document) {
        this.document = document;
        this.saved = JSON.stringify(document);
        this.selected = "";
        this.size = "";
        this.past = [];
        this.future = [];
        this.listeners = [];
    }

    subscribe(listener) {
        this.listeners.push(listener);
    }

    // `what` is "document", "selection" or "size".
    notify(what) {
        for (const listener of this.listeners) listener(what);
    }

    get isDirty() {
        return JSON.stringify(this.document) !== this.saved;
    }

    markSaved() {
        this.saved = JSON.stringify(this.document);
        this.notify("document");
    }

    // Changes with the same `merge` in a row are one step back, such as those of one drag.
    change(edit, merge = "") {
        const before = JSON.stringify(this.document);
        edit(this.document);
        if (JSON.stringify(this.document) === before) return;
        const last = this.past[this.past.length - 1];
        if (!merge || !last || last.merge !== merge) {
            this.past.push({ text: before, merge });
            if (this.past.length > STEPS) this.past.shift();
        }
        this.future = [];
        this.notify("document");
    }

    replace(document) {
        this.past.push({ text: JSON.stringify(this.document), merge: "" });
        this.future = [];
        this.document = document;
        this.notify("document");
    }

    undo() {
        this.step(this.past, this.future);
    }

    redo() {
        this.step(this.future, this.past);
    }

    step(from, to) {
        const last = from.pop();
        if (!last) return;
        to.push({ text: JSON.stringify(this.document), merge: "" });
        this.document = JSON.parse(last.text);
        this.notify("document");
    }

    select(id) {
        if (this.selected === id) return;
        this.selected = id;
        this.notify("selection");
    }

    show(size) {
        this.size = size;
        this.notify("size");
    }

    get element() {
        return this.elements.find((element) => element.id === this.selected);
    }

    get elements() {
        return Array.isArray(this.document.elements) ? this.document.elements : [];
    }
}
