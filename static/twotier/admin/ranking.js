// Two distributors can be compared: the button waits for two, and a third choice replaces the first.

const button = document.querySelector("[data-needs-two]");
const boxes = [...document.querySelectorAll("#tm-compare [name=with]")];
let chosen = boxes.filter((box) => box.checked);

function show() {
    for (const box of boxes) box.checked = chosen.includes(box);
    if (button) button.disabled = chosen.length !== 2;
}

for (const box of boxes) {
    box.addEventListener("change", () => {
        chosen = chosen.filter((other) => other !== box);
        if (box.checked) chosen = [...chosen, box].slice(-2);
        show();
    });
}
show();
