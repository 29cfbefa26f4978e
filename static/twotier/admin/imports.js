/** Uploads: show the name of the chosen file, and take one that is dropped. */

for (const drop of document.querySelectorAll(".im-drop")) {
    const input = drop.querySelector("input");
    const title = drop.querySelector("strong");
    const usual = title.textContent;
    const show = () => {
        title.textContent = input.files[0]?.name ?? usual;
    };
    input.addEventListener("change", show);
    window.addEventListener("pageshow", show);
    for (const type of ["dragenter", "dragover"]) {
        drop.addEventListener(type, () => drop.classList.add("im-over"));
    }
    for (const type of ["dragleave", "drop"]) {
        drop.addEventListener(type, () => drop.classList.remove("im-over"));
    }
}
