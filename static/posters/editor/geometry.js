// Where elements lie in each size of a template, and how a move is written down.
//
// The document's own elements are those of its canvas. Another size changes them: it shifts those
// below a line, and `variants[size].elements[id]` overrides single keys.

export const SNAP = 8;
export const PHONE = "750x1334";
const TALL = "1080x1920";
const LINE = 1.3;

export function ownSize(document) {
    return `${document.canvas.w}x${document.canvas.h}`;
}

export function sizesOf(document) {
    const own = ownSize(document);
    const sizes = [own, ...Object.keys(document.variants || {})];
    if (sizes.includes(TALL)) sizes.push(PHONE);
    return [...new Set(sizes)];
}

// The phone's poster is the tall one, smaller.
export function layoutOf(size) {
    return size === PHONE ? TALL : size;
}

export function dimensions(size) {
    return size.split("x").map(Number);
}

// The element as it is in a size.
export function laidOut(document, size, element) {
    const layout = layoutOf(size);
    if (layout === ownSize(document)) return element;
    const variant = (document.variants || {})[layout] || {};
    const moved = { ...element };
    if (variant.shift && element.y >= variant.shift.from) moved.y += variant.shift.by;
    return { ...moved, ...((variant.elements || {})[element.id] || {}) };
}

export function boxOf(document, size, element) {
    const row = laidOut(document, size, element);
    return { x: row.x, y: row.y, w: row.w || heightOf(row), h: row.h || heightOf(row) };
}

function heightOf(row) {
    const line = row.line_height || Math.round((row.size || 40) * LINE);
    return line * (row.type === "text" ? row.max_lines || 1 : 1);
}

// Write keys of an element for a size: into the element, or as a change of the size.
export function write(document, size, id, values) {
    const layout = layoutOf(size);
    const element = document.elements.find((row) => row.id === id);
    if (!element) return;
    if (layout === ownSize(document)) {
        Object.assign(element, values);
        return;
    }
    const variant = document.variants[layout];
    variant.elements = variant.elements || {};
    variant.elements[id] = { ...(variant.elements[id] || {}), ...values };
}

export function snap(value, isExact) {
    return isExact ? Math.round(value) : Math.round(value / SNAP) * SNAP;
}

export function moved(box, dx, dy) {
    return { x: box.x + dx, y: box.y + dy };
}

// `corner` is "right", "bottom" or "both"; a code stays square.
export function resized(element, box, dw, dh, corner) {
    const w = Math.max(SNAP, box.w + (corner === "bottom" ? 0 : dw));
    const h = Math.max(SNAP, box.h + (corner === "right" ? 0 : dh));
    if (element.type === "qrcode") return { w: Math.max(w, h), h: Math.max(w, h) };
    const values = {};
    if (corner !== "bottom" && element.w !== undefined) values.w = w;
    if (corner !== "right" && element.h !== undefined) values.h = h;
    return values;
}
