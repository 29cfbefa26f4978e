// Saved versions: open one, or publish it again.

import { h, fill } from "./dom.js";

export class Versions {
    constructor(root, { words, rights, onOpen, onPublish }) {
        Object.assign(this, { root, words, rights, onOpen, onPublish });
    }

    render(versions, current, base) {
        fill(
            this.root,
            h(
                "ol",
                { className: "pe-versions" },
                ...versions.map((version) => this.row(version, current, base)),
            ),
        );
    }

    row(version, current, base) {
        const isCurrent = version.number === current;
        const state = isCurrent ? this.words.published : version.number === base ? this.words.open : "";
        const open = h(
            "button",
            { type: "button", className: "pe-button", onclick: () => this.onOpen(version.number) },
            this.words.load,
        );
        const publish = h(
            "button",
            {
                type: "button", className: "pe-button", disabled: isCurrent || !this.rights.publish,
                onclick: () => this.onPublish(version.number),
            },
            this.words.publish,
        );
        return h(
            "li",
            { className: "pe-version", "data-number": version.number, "data-current": isCurrent },
            h("strong", {}, `${this.words.version} ${version.number}`),
            h("span", {}, `${version.saved} ${version.by}`),
            h("em", {}, state),
            open, publish,
        );
    }
}
