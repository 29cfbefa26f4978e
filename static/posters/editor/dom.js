// Build elements without markup in strings.

export function h(tag, props = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(props)) {
        if (value === undefined || value === null || value === false) continue;
        if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
        else if (name in node && name !== "list") node[name] = value;
        else node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
}

export function fill(node, ...children) {
    node.replaceChildren(...children.filter((child) => child !== null && child !== undefined));
}
