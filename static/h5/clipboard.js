// Copy a text, also where the browser has no clipboard for pages: in WeChat and without TLS.

/**
 * Copy a text or the promise of one; return whether that worked.
 * Call it in the handler of the tap: Safari refuses it a moment later, unless it gets the promise.
 */
export async function copy(text) {
  if (navigator.clipboard && window.ClipboardItem && text instanceof Promise) {
    try {
      const blob = text.then((value) => new Blob([value], { type: "text/plain" }));
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
      return true;
    } catch {
      // Older browsers take no promise: write the text itself.
    }
  }
  return copyText(await text);
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyFromField(text);
  }
}

function copyFromField(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  field.setSelectionRange(0, text.length);
  const worked = document.execCommand("copy");
  field.remove();
  return worked;
}
