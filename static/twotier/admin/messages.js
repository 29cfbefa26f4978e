// Message templates: insert a value into a text, and count characters against what fits.

const form = document.getElementById("wording");

function insert(field, text) {
    const start = field.selectionStart ?? field.value.length;
    field.setRangeText(text, start, field.selectionEnd ?? start, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
}

function count(field) {
    const limit = Number(field.dataset.limit);
    let note = field.parentElement.querySelector(".ms-limit");
    if (!note) {
        note = document.createElement("p");
        note.className = "ms-limit";
        field.after(note);
    }
    const length = [...field.value.trim()].length;
    note.textContent = `${length} / ${limit}`;
    note.classList.toggle("ms-over", length > limit);
}

if (form) {
    for (const field of form.querySelectorAll("[data-limit]")) count(field);
    form.addEventListener("input", (event) => {
        if (event.target.dataset.limit) count(event.target);
    });
    form.addEventListener("click", (event) => {
        const button = event.target.closest("[data-insert]");
        const field = button && document.getElementById(button.dataset.into);
        if (field) insert(field, button.dataset.insert);
    });
}
