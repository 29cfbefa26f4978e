// Adds up what is chosen in a form, so that people see the sum that they have to type.
import { yuan } from "./yuan.js";

function show(form) {
    const boxes = [...form.querySelectorAll("input[data-fen]:checked")];
    const fen = boxes.reduce((sum, box) => sum + BigInt(box.dataset.fen), 0n);
    const total = form.querySelector("[data-sum-total]");
    const count = form.querySelector("[data-sum-count]");
    if (total) total.textContent = yuan(fen);
    if (count) count.textContent = String(boxes.length);
}

for (const form of document.querySelectorAll("form[data-sum]")) {
    form.addEventListener("change", () => show(form));
    show(form);
}

// The browser shows the name of a chosen file itself; unfold would look for a text field of its own.
for (const input of document.querySelectorAll("input.tf-input[type=file]")) {
    input.hasChangeListener = true;
}
