// Select2 announces its choices to jQuery alone, and names its search field for nobody.
const form = document.getElementById("coupon_form");
const { jQuery } = window.django ?? {};

jQuery?.(form).on("change", ".admin-autocomplete", () => {
  form.dispatchEvent(new Event("input"));
});
jQuery?.(() => {
  for (const select of form?.querySelectorAll(".admin-autocomplete") ?? []) {
    const search = select.parentElement.querySelector(".select2-search__field");
    search?.setAttribute("aria-label", select.labels?.[0]?.textContent.trim() ?? "");
  }
});
