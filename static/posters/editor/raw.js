// The document as JSON, for what the forms do not offer.

import { h, fill } from "./dom.js";

export class Raw {
    constructor(store, root, { canEdit, words }) {
        Object.assign(this, { store, root, canEdit, words });
        this.area = h("textarea", {
            className: "pe-input pe-mono pe-raw", spellcheck: false, readOnly: !canEdit,
            "aria-label": "JSON",
        });
        this.error = h("p", { className: "pe-error", role: "alert" });
        const apply = h(
            "button",
            { type: "button", className: "pe-button", onclick: () => this.apply() },
            words.apply,
        );
        fill(root, this.area, this.error, ...(canEdit ? [apply] : []));
    }

    render() {
        if (document.activeElement === this.area) return;
        this.area.value = JSON.stringify(this.store.document, null, 2);
    }

    apply() {
        try {
            const edited = JSON.parse(this.area.value);
            if (!edited || !Array.isArray(edited.elements) || !edited.canvas) {
                throw new Error(this.words.notTemplate);
            }
            this.error.textContent = "";
            this.store.replace(edited);
        } catch (error) {
            this.error.textContent = error.message;
        }
    }
}
