// One input for each kind of field that the schema knows.

import { h } from "./dom.js";

const HEX = /^#[0-9a-f]{6}/i;
const DEFAULTS = {
    color: "#222222",
    border: { width: 4, color: "#FFFFFF" },
    shadow: { blur: 24, dy: 12, color: "#00000033" },
};

// Each returns a node; `set(undefined)` removes the key.
export const FIELDS = {
    integer: (field, value, set) => number(field, value, set, 1),
    number: (field, value, set) => number(field, value, set, 0.05),
    boolean: (field, value, set) =>
        h("input", {
            type: "checkbox", className: "pe-check",
            checked: value === undefined ? Boolean(field.default) : value,
            onchange: (event) => {
                const isOn = event.target.checked;
                set(isOn === Boolean(field.default) ? undefined : isOn);
            },
        }),
    choice: (field, value, set) =>
        select(field.options, value, field, (text) => {
            const option = field.options.find((each) => String(each.value) === text);
            set(option ? option.value : undefined);
        }),
    binding: (field, value, set) =>
        select(field.options, value, field, (text) => set(text || undefined)),
    text: (field, value, set) =>
        h("input", {
            type: "text", className: "pe-input", value: value ?? "", maxLength: field.max ?? 200,
            oninput: (event) => set(event.target.value || undefined),
        }),
    lines: (field, value, set) =>
        h("textarea", {
            className: "pe-input", rows: 3, value: (value || []).join("\n"),
            oninput: (event) => {
                const lines = event.target.value.split("\n").filter((line) => line.trim());
                set(lines.length ? lines : undefined);
            },
        }),
    color: (field, value, set, context) => color(field, value, set, context),
    fill: (field, value, set, context) => paint(field, value, set, context),
    radius: (field, value, set) =>
        numbers({ ...field, length: 4, single: true }, value, set),
    numbers: (field, value, set) => numbers(field, value, set),
    object: (field, value, set, context) => group(field, value, set, context),
    json: (field, value, set) => json(field, value, set),
};

function number(field, value, set, step) {
    return h("input", {
        type: "number", className: "pe-input", step, min: field.min, max: field.max,
        value: value ?? "", placeholder: field.default ?? "",
        oninput: (event) => {
            const text = event.target.value;
            if (text === "") set(undefined);
            else if (Number.isFinite(Number(text))) set(Number(text));
        },
    });
}

function select(options, value, field, set) {
    const empty = field.required ? [] : [h("option", { value: "" }, "–")];
    const rows = options.map((option) =>
        h("option", { value: option.value, selected: option.value === value }, option.label),
    );
    return h(
        "select",
        { className: "pe-input", onchange: (event) => set(event.target.value) },
        ...empty, ...rows,
    );
}

function color(field, value, set, context = {}) {
    // A name of the palette is shown in its colour.
    const hex = (shown) => (context.tokens || {})[(shown || "").slice(1)] || shown || "";
    const text = h("input", {
        type: "text", className: "pe-input", value: value ?? "", maxLength: 24,
        list: "pe-colors", spellcheck: false,
        oninput: () => {
            const shown = hex(text.value);
            if (HEX.test(shown)) swatch.value = shown.slice(0, 7).toLowerCase();
            set(text.value.trim() || undefined);
        },
    });
    text.setAttribute("list", "pe-colors");
    const swatch = h("input", {
        type: "color", className: "pe-swatch", "aria-label": field.label,
        value: HEX.test(hex(value)) ? hex(value).slice(0, 7).toLowerCase() : "#000000",
        oninput: () => {
            const alpha = HEX.test(text.value) ? text.value.slice(7) : "";
            text.value = swatch.value.toUpperCase() + alpha;
            set(text.value);
        },
    });
    return h("span", { className: "pe-color" }, swatch, text);
}

// A colour, or a gradient of several.
function paint(field, value, set, context) {
    const isGradient = typeof value === "object" && value !== null;
    const kind = select(
        [
            { value: "color", label: context.words.color },
            { value: "gradient", label: context.words.gradient },
        ],
        value === undefined ? "" : isGradient ? "gradient" : "color",
        field,
        (text) => {
            if (!text) set(undefined, true);
            else if (text === "color") set(DEFAULTS.color, true);
            else set({ stops: ["#FFFFFF", "#DDDDDD"], angle: 180 }, true);
        },
    );
    if (value === undefined) return kind;
    if (!isGradient) return h("div", { className: "pe-group" }, kind, color(field, value, set, context));
    const stops = value.stops.map((stop, place) =>
        color({ label: `${field.label} ${place + 1}` }, stop, (text) => {
            const changed = [...value.stops];
            changed[place] = text || "#FFFFFF";
            value = { ...value, stops: changed };
            set(value);
        }, context),
    );
    const count = number(
        { label: context.words.stops, min: 2, max: 5 }, value.stops.length,
        (many) => {
            if (!many || many < 2 || many > 5) return;
            const last = value.stops[value.stops.length - 1];
            const changed = Array.from({ length: many }, (_, place) => value.stops[place] || last);
            set({ ...value, stops: changed }, true);
        },
        1,
    );
    count.setAttribute("aria-label", context.words.stops);
    const rest = field.fields.map((part) =>
        labelled(part, FIELDS[part.kind](part, value[part.key], (each) => {
            value = merged(value, part.key, each);
            set(value);
        }, context)),
    );
    return h("div", { className: "pe-group" }, kind, count, ...stops, ...rest);
}

// One number, or several with commas between them.
function numbers(field, value, set) {
    const text = Array.isArray(value) ? value.join(", ") : (value ?? "");
    return h("input", {
        type: "text", className: "pe-input", value: text, inputMode: "numeric",
        placeholder: field.single ? "0" : Array(field.length).fill("0").join(", "),
        oninput: (event) => {
            const parts = event.target.value.split(/[,，\s]+/).filter(Boolean).map(Number);
            if (!parts.length) set(undefined);
            else if (parts.some((part) => !Number.isFinite(part))) return;
            else if (parts.length === 1 && field.single) set(parts[0]);
            else if (parts.length === field.length) set(parts);
        },
    });
}

// A part that is there or not, with fields of its own.
function group(field, value, set, context) {
    const check = h("input", {
        type: "checkbox", className: "pe-check", checked: value !== undefined,
        "aria-label": field.label,
        onchange: () => set(check.checked ? structuredClone(DEFAULTS[field.key] || {}) : undefined, true),
    });
    if (value === undefined) return check;
    const parts = field.fields.map((part) =>
        labelled(part, FIELDS[part.kind](part, value[part.key], (each) => {
            value = merged(value, part.key, each);
            set(value);
        }, context)),
    );
    return h("div", { className: "pe-group" }, check, ...parts);
}

function json(field, value, set) {
    const area = h("textarea", {
        className: "pe-input pe-mono", rows: 3,
        value: value === undefined ? "" : JSON.stringify(value),
        oninput: () => {
            try {
                set(area.value.trim() ? JSON.parse(area.value) : undefined);
                area.setCustomValidity("");
            } catch (error) {
                area.setCustomValidity(error.message);
            }
        },
    });
    return area;
}

function merged(value, key, each) {
    const changed = { ...value, [key]: each };
    if (each === undefined) delete changed[key];
    return changed;
}

export function labelled(field, node) {
    const id = `pe-field-${Math.random().toString(36).slice(2)}`;
    const input = node.matches("input, select, textarea")
        ? node
        : node.querySelector("input[type=text], input:not([type=color]), select, textarea");
    if (input) input.id = id;
    return h(
        "div",
        { className: "pe-field", "data-key": field.key },
        h("label", { htmlFor: id }, field.label),
        node,
    );
}
