// Select2 announces its choices to jQuery alone: tell the form, so that the preview follows.
const form = document.getElementById("coupon_form");
window.django?.jQuery?.(form).on("change", ".admin-autocomplete", () => {
  form.dispatchEvent(new Event("input"));
});
