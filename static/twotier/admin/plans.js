// The table of a plan's rules, its review while a person types, and the goods of a simulation.

const PAUSE = 350; // ms without typing before the plan is reviewed
const UNITS = { paid: "%", profit: "%" };

for (const section of document.querySelectorAll("[data-plan-rules]")) new RulesTable(section);
for (const form of document.querySelectorAll("[data-items]")) addItems(form);

function RulesTable(section) {
  const { prefix, check } = section.dataset;
  const form = section.closest("form");
  const table = section.querySelector("table");
  const template = section.querySelector("[data-empty-rule]");
  const total = section.querySelector(`[name="${prefix}-TOTAL_FORMS"]`);
  let timer = 0;
  let asked = 0;

  const rows = () => [...table.querySelectorAll("[data-rule]")];
  rows().forEach(prepare);
  review();

  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  // Select2 announces its choices to jQuery alone.
  window.django?.jQuery?.(form).on("change", ".admin-autocomplete", soon);
  section.querySelector("[data-add-rule]")?.addEventListener("click", add);

  function prepare(row) {
    const field = (name) => row.querySelector(`[name$="-${name}"]`);
    const show = () => {
      const layer = field("layer")?.value;
      for (const part of row.querySelectorAll("[data-for-layer]")) {
        part.hidden = part.dataset.forLayer !== layer;
      }
      const basis = field("basis")?.value;
      const unit = UNITS[basis] ?? (field("asset")?.value === "points" ? "" : "¥");
      for (const part of row.querySelectorAll("[data-unit]")) part.textContent = unit;
    };
    row.addEventListener("change", show);
    const toggle = row.querySelector("[data-toggle-more]");
    toggle?.addEventListener("click", () => open(row, toggle.getAttribute("aria-expanded") !== "true"));
    row.querySelector("[data-remove-rule]")?.addEventListener("click", () => remove(row));
    field("DELETE")?.addEventListener("change", (event) => {
      row.classList.toggle("pl-deleted", event.target.checked);
    });
    row.classList.toggle("pl-deleted", Boolean(field("DELETE")?.checked));
    open(row, "open" in row.dataset);
    show();
  }

  function open(row, isOpen) {
    row.classList.toggle("pl-open", isOpen);
    row.querySelector("[data-toggle-more]")?.setAttribute("aria-expanded", String(isOpen));
  }

  function add() {
    const place = Number(total.value);
    table.append(template.content.cloneNode(true));
    const row = rows().at(-1);
    number(row, "__prefix__", place);
    total.value = String(place + 1);
    prepare(row);
    // Django's picker of products and categories listens for this.
    row.dispatchEvent(
      new CustomEvent("formset:added", { bubbles: true, detail: { formsetName: prefix } }),
    );
    row.querySelector("select, input:not([type=hidden])")?.focus();
    soon();
  }

  function remove(row) {
    const following = rows().slice(rows().indexOf(row) + 1);
    const next = following[0] ?? row.previousElementSibling;
    row.remove();
    for (const other of following) {
      const place = placeOf(other);
      number(other, place, place - 1);
    }
    total.value = String(Number(total.value) - 1);
    (next?.querySelector("select") ?? section.querySelector("[data-add-rule]"))?.focus();
    soon();
  }

  function placeOf(row) {
    const name = row.querySelector(`[name^="${prefix}-"]`)?.name ?? "";
    return Number(name.slice(prefix.length + 1).split("-")[0]);
  }

  function number(row, from, to) {
    const before = `${prefix}-${from}-`;
    const after = `${prefix}-${to}-`;
    for (const element of row.querySelectorAll("*")) {
      for (const name of ["name", "id", "for", "aria-describedby", "data-select2-id"]) {
        const value = element.getAttribute(name);
        if (value?.includes(before)) element.setAttribute(name, value.replaceAll(before, after));
      }
    }
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(review, PAUSE);
  }

  async function review() {
    if (!check) return;
    const turn = ++asked;
    const answer = await fetch(check, { method: "POST", body: new FormData(form) }).catch(() => null);
    if (!answer?.ok || turn !== asked) return; // a later question is on its way
    show(await answer.json());
  }

  function show(found) {
    for (const row of rows()) {
      const of = found.rows[placeOf(row)] ?? { share: "", errors: [], warnings: [] };
      const share = row.querySelector("[data-share]");
      share.textContent = of.share;
      share.classList.toggle("pl-over", Boolean(of.above_cap));
      const notes = row.querySelector("[data-notes]");
      list(notes, of.errors, of.warnings);
      notes.closest("tr").hidden = !notes.childElementCount;
    }
    const summary = section.querySelector("[data-summary]");
    summary.textContent = found.summary;
    summary.classList.toggle("pl-over", found.above_cap);
    // What is about one rule stands beside it.
    const beside = new Set(Object.values(found.rows).flatMap((row) => [...row.errors, ...row.warnings]));
    const rest = (texts) => texts.filter((text) => !beside.has(text));
    list(section.querySelector("[data-findings]"), rest(found.errors), rest(found.warnings));
  }
}

function list(target, errors, warnings) {
  const items = [
    ...errors.map((text) => ["pl-error", text]),
    ...warnings.map((text) => ["pl-warning", text]),
  ];
  target.replaceChildren(
    ...items.map(([name, text]) => {
      const item = document.createElement("li");
      item.className = name;
      item.textContent = text;
      return item;
    }),
  );
}

function addItems(form) {
  const total = form.querySelector(`[name="${form.dataset.prefix}-TOTAL_FORMS"]`);
  const template = form.querySelector("[data-empty-item]");
  form.querySelector("[data-add-item]")?.addEventListener("click", () => {
    const place = total.value;
    const row = template.content.firstElementChild.cloneNode(true);
    for (const element of row.querySelectorAll("*")) {
      for (const { name, value } of [...element.attributes]) {
        if (value.includes("__prefix__")) {
          element.setAttribute(name, value.replaceAll("__prefix__", place));
        }
      }
    }
    template.before(row);
    total.value = String(Number(place) + 1);
    row.dispatchEvent(new CustomEvent("tt:added", { bubbles: true }));
    row.querySelector("input:not([type=hidden])")?.focus();
  });
}
