// The editor of poster templates.

import { h, fill } from "./dom.js";
import { Form } from "./form.js";
import { dimensions, ownSize, sizesOf } from "./geometry.js";
import { Layers } from "./layers.js";
import { Preview } from "./preview.js";
import { Raw } from "./raw.js";
import { Server } from "./server.js";
import { Stage } from "./stage.js";
import { Store } from "./store.js";
import { Versions } from "./versions.js";

const data = JSON.parse(document.getElementById("editor-data").textContent);
const token = document.querySelector("#poster-editor [name=csrfmiddlewaretoken]").value;
const part = (name) => document.querySelector(`#poster-editor [data-part="${name}"]`);
const words = data.words;
const canEdit = data.rights.change;
const store = new Store(data.document);
const server = new Server(data.urls, token, words);
let versions = data.versions;
let current = data.current;
let base = data.number;
let problems = [];

store.size = ownSize(store.document);

function nameOf(element) {
    const type = data.types.find((each) => each.name === element.type);
    return `${element.name || element.id} · ${type ? type.label : element.type}`;
}

function remove(id) {
    store.change((document) => {
        document.elements = document.elements.filter((element) => element.id !== id);
        for (const variant of Object.values(document.variants || {})) {
            if (variant.elements) delete variant.elements[id];
        }
    });
    store.select("");
}

function add(type) {
    const ids = new Set(store.elements.map((element) => element.id));
    let number = 1;
    while (ids.has(`${type}${number}`)) number += 1;
    const id = `${type}${number}`;
    const blank = data.types.find((each) => each.name === type).blank;
    store.change((document) => document.elements.push({ id, ...structuredClone(blank) }));
    store.select(id);
}

function rename(id, input) {
    const name = input.value.trim();
    const isTaken = store.elements.some((element) => element.id === name && name !== id);
    if (!/^[a-z][a-z0-9_-]{0,29}$/.test(name) || isTaken) {
        input.value = id;
        return;
    }
    store.change((document) => {
        document.elements.find((element) => element.id === id).id = name;
        for (const variant of Object.values(document.variants || {})) {
            if (variant.elements && variant.elements[id]) {
                variant.elements[name] = variant.elements[id];
                delete variant.elements[id];
            }
        }
    });
    store.select(name);
}

const shared = { canEdit, words, nameOf, onRemove: remove };
const stage = new Stage(store, part("handles"), shared);
const layers = new Layers(store, part("layers"), { ...shared, onAdd: add, types: data.types });
const form = new Form(store, part("form"), { ...shared, forms: data.forms, onRename: rename });
const raw = new Raw(store, part("raw"), shared);
const preview = new Preview(store, server, part("image"), {
    onDrawn: () => showProblems([]),
    onRefused: (error) => showProblems(error.problems, error.message),
});
const history = new Versions(part("versions"), {
    words,
    rights: data.rights,
    onOpen: (number) => run(() => open(number)),
    onPublish: (number) => run(() => publish(number)),
});

function showProblems(rows, message = "") {
    problems = rows;
    const lines = rows.length ? rows.map((row) => row.message) : message ? [message] : [];
    fill(
        part("problems"),
        ...lines.map((line, place) =>
            h("li", { "data-path": rows[place]?.path || "" }, line),
        ),
    );
    form.mark(problems, store.elements);
}

function say(text, kind = "info") {
    const node = part("status");
    node.textContent = text;
    node.dataset.kind = kind;
}

function showSizes() {
    const sizes = sizesOf(store.document);
    if (!sizes.includes(store.size)) store.size = sizes[0];
    const select = part("size");
    fill(
        select,
        ...sizes.map((size) =>
            h("option", { value: size, selected: size === store.size }, size.replace("x", " × ")),
        ),
    );
    const [width, height] = dimensions(store.size);
    part("canvas").style.aspectRatio = `${width} / ${height}`;
}

function showState() {
    const isNew = base !== current;
    const text = store.isDirty
        ? words.unsaved
        : isNew
          ? words.savedNotPublished.replace("%(number)s", base)
          : words.isPublished.replace("%(number)s", base);
    part("state").textContent = text;
    part("undo").disabled = !store.past.length;
    part("redo").disabled = !store.future.length;
    part("save").disabled = !canEdit || !store.isDirty;
    part("publish").disabled = !data.rights.publish || (!store.isDirty && !isNew);
    history.render(versions, current, base);
}

async function run(action) {
    say(words.working);
    try {
        await action();
    } catch (error) {
        say(error.message, "error");
        if (error.problems?.length) showProblems(error.problems);
    }
}

async function save() {
    const saved = await server.save({ document: store.document, base });
    base = saved.number;
    versions = saved.versions;
    store.markSaved();
    say(words.saved.replace("%(number)s", base), "success");
}

async function publish(number = 0) {
    if (!number && store.isDirty) await save();
    const done = await server.publish({ number: number || base });
    current = done.current;
    versions = done.versions;
    showState();
    showProblems([]);
    say(words.publishedNow.replace("%(number)s", current), "success");
}

async function open(number) {
    const version = await server.version(number);
    store.replace(version.document);
    store.select("");
    say(words.opened.replace("%(number)s", number));
}

async function check() {
    const found = await server.check({ document: store.document });
    showProblems(found.problems);
    say(found.problems.length ? words.problems : words.fit, found.problems.length ? "error" : "success");
}

store.subscribe((what) => {
    if (what === "document") {
        if (store.selected && !store.element) store.selected = "";
        showSizes();
        preview.soon();
        raw.render();
    }
    if (what === "size") {
        showSizes();
        preview.draw();
    }
    stage.render();
    layers.render();
    form.render();
    form.mark(problems, store.elements);
    showState();
});

for (const [name, action] of Object.entries({
    undo: () => store.undo(),
    redo: () => store.redo(),
    save: () => run(save),
    publish: () => run(() => publish()),
    check: () => run(check),
})) {
    part(name).addEventListener("click", action);
}
part("size").addEventListener("change", (event) => store.show(event.target.value));
part("sample").addEventListener("change", (event) => {
    preview.sample = event.target.value;
    preview.draw();
});

document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey)) return;
    const isText = event.target.matches("input[type=text], textarea");
    if (event.key === "s") {
        event.preventDefault();
        if (!part("save").disabled) run(save);
    } else if (event.key === "z" && !isText) {
        event.preventDefault();
        if (event.shiftKey) store.redo();
        else store.undo();
    }
});
window.addEventListener("beforeunload", (event) => {
    if (store.isDirty) event.preventDefault();
});

const tabs = [...document.querySelectorAll("#poster-editor [role=tab]")];
function showTab(tab) {
    for (const each of tabs) {
        const isShown = each === tab;
        each.setAttribute("aria-selected", String(isShown));
        each.tabIndex = isShown ? 0 : -1;
        document.getElementById(each.getAttribute("aria-controls")).hidden = !isShown;
    }
}
for (const [place, tab] of tabs.entries()) {
    tab.addEventListener("click", () => showTab(tab));
    tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const next = tabs[(place + step + tabs.length) % tabs.length];
        showTab(next);
        next.focus();
    });
}

showTab(tabs[0]);
showSizes();
store.notify("document");
