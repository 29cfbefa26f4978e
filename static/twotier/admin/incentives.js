// The form of a draft: fields that its terms need, rewards as rows, and a review while typing.

const PAUSE = 350; // ms without typing before the draft is reviewed
const MONEY = new Set(["own_sales", "team_sales", "own_spend", "team_pool"]);
const RATES = new Set(["percent", "boost", "factor"]);
const NEEDED = {
  friend_days: (of) => of("metric") === "referred_buyers",
  products: (of) => of("metric") !== "team_pool" && of("metric") !== "proof",
  categories: (of) => of("metric") !== "team_pool" && of("metric") !== "proof",
  channels: (of) => of("metric") !== "team_pool" && of("metric") !== "proof",
  min_amount: (of) => of("metric") !== "team_pool" && of("metric") !== "proof",
  levels: (of) => of("audience") === "levels" || of("metric") === "team_pool",
  segments: (of) => of("audience") === "segments",
  sums_steps: (of) => of("reach") === "steps",
  ties: (of) => of("reach") === "rank",
  close_days: (of) => of("period") !== "",
  takes_back_after_close: (of) => of("metric") !== "team_pool",
  confirm_above: (of) => of("period") !== "each",
};

for (const section of document.querySelectorAll("[data-rewards]")) new RewardsTable(section);
// Select2 names its lists, and not the fields in which people type.
new MutationObserver(nameSearches).observe(document.body, { childList: true, subtree: true });
nameSearches();

function nameSearches() {
  for (const field of document.querySelectorAll(".select2-search--inline .select2-search__field")) {
    const name = field.parentElement.closest("[aria-label]")?.getAttribute("aria-label");
    if (name && field.getAttribute("aria-label") !== name) field.setAttribute("aria-label", name);
  }
}

function RewardsTable(section) {
  const { prefix, check } = section.dataset;
  const form = section.closest("form");
  const table = section.querySelector("table");
  const template = section.querySelector("[data-empty-reward]");
  const total = section.querySelector(`[name="${prefix}-TOTAL_FORMS"]`);
  let timer = 0;
  let asked = 0;

  const of = (name) => form.elements[name]?.value ?? "";
  const rows = () => [...table.querySelectorAll("[data-reward]")];
  rows().forEach(prepare);
  showNeeded();
  review();

  form.addEventListener("input", soon);
  form.addEventListener("change", () => {
    showNeeded();
    soon();
  });
  // Select2 announces its choices to jQuery alone.
  window.django?.jQuery?.(form).on("change", ".admin-autocomplete", soon);
  section.querySelector("[data-add-reward]")?.addEventListener("click", add);

  function showNeeded() {
    for (const [name, isNeeded] of Object.entries(NEEDED)) {
      const line = form.querySelector(`.field-${name}`);
      if (line) line.hidden = !isNeeded(of);
    }
    for (const row of form.querySelectorAll(".form-row, .field-row")) {
      const lines = [...row.querySelectorAll(":scope > .field-line")];
      row.hidden = lines.length > 0 && lines.every((line) => line.hidden);
    }
    rows().forEach(showRow);
  }

  function showRow(row) {
    const field = (name) => row.querySelector(`[name$="-${name}"]`);
    const kind = field("kind")?.value ?? "";
    const reach = of("reach");
    for (const part of row.querySelectorAll("[data-for-kind]")) {
      part.hidden = !part.dataset.forKind.split(" ").includes(kind);
    }
    for (const part of row.querySelectorAll("[data-for-reach]")) {
      part.hidden = !part.dataset.forReach.split(" ").includes(reach);
    }
    const isPoints = field("asset")?.value === "points";
    const unit = RATES.has(kind) ? "%" : isPoints ? "" : "¥";
    for (const part of row.querySelectorAll("[data-value-unit]")) part.textContent = unit;
    for (const part of row.querySelectorAll("[data-metric-unit]")) {
      part.textContent = MONEY.has(of("metric")) ? "¥" : "";
    }
  }

  function prepare(row) {
    row.querySelector("[data-remove-reward]")?.addEventListener("click", () => remove(row));
    const mark = row.querySelector('[name$="-DELETE"]');
    const show = () => row.classList.toggle("pl-deleted", Boolean(mark?.checked));
    mark?.addEventListener("change", show);
    show();
    showRow(row);
  }

  function add() {
    const place = Number(total.value);
    table.append(template.content.cloneNode(true));
    const row = rows().at(-1);
    number(row, "__prefix__", place);
    total.value = String(place + 1);
    prepare(row);
    row.dispatchEvent(new CustomEvent("tt:added", { bubbles: true }));
    [...row.querySelectorAll("select, input:not([type=hidden])")]
      .find((input) => input.offsetParent)
      ?.focus();
    soon();
  }

  function remove(row) {
    const following = rows().slice(rows().indexOf(row) + 1);
    row.remove();
    for (const other of following) {
      const place = placeOf(other);
      number(other, place, place - 1);
    }
    total.value = String(Number(total.value) - 1);
    section.querySelector("[data-add-reward]")?.focus();
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
      for (const { name, value } of [...element.attributes]) {
        if (value.includes(before)) element.setAttribute(name, value.replaceAll(before, after));
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
    showFields(found.fields);
    for (const row of rows()) {
      const errors = found.rows[placeOf(row)] ?? {};
      const notes = row.querySelector("[data-notes]");
      list(notes, Object.values(errors).flat());
      notes.closest("tr").hidden = !notes.childElementCount;
    }
    section.querySelector("[data-sentence]").textContent = found.sentence;
    const worst = section.querySelector("[data-worst]");
    worst.textContent = found.worst;
    worst.classList.toggle("pl-error", found.above_limit);
    const texts = [...found.findings, ...(found.fields.rewards ?? [])];
    list(section.querySelector("[data-findings]"), texts);
  }

  // Errors that the saved page shows stay until the field is right.
  function showFields(errors) {
    for (const line of form.querySelectorAll(".field-line")) {
      const name = [...line.classList].find((one) => one.startsWith("field-") && one !== "field-line");
      const texts = errors[name?.slice("field-".length)] ?? [];
      let notes = line.querySelector("[data-live-errors]");
      if (!notes && !texts.length) continue;
      if (!notes) {
        notes = document.createElement("ul");
        notes.className = "pl-findings ic-errors";
        notes.dataset.liveErrors = "";
        line.append(notes);
      }
      list(notes, texts);
    }
  }
}

function list(target, texts) {
  target.replaceChildren(
    ...[...new Set(texts)].map((text) => {
      const item = document.createElement("li");
      item.className = "pl-error";
      item.textContent = text;
      return item;
    }),
  );
}
