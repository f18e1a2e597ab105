// The review of an import. The page works without this; here are the caret for dividing, and htmx for refused forms.
(function () {
  "use strict";

  function showHere() {
    const here = document.querySelector("[data-here]");
    const box = here && here.closest(".source-text");
    if (box) box.scrollTop += here.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 3;
    const tick = document.querySelector(".strip [aria-current]");
    const strip = tick && tick.parentElement;
    if (strip && strip.scrollHeight > strip.clientHeight) strip.scrollTop = tick.offsetTop - strip.offsetTop - 30;
  }

  // "s": take the caret's place in the task's text as the place to divide.
  let caret = 0;
  document.addEventListener("selectionchange", () => {
    const area = document.activeElement;
    if (area && area.name === "text" && area.closest("#row-form")) caret = area.selectionStart;
  });
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches || !event.target.matches("#split[open]")) return;
    const area = document.querySelector("#row-form [name=text]");
    const field = document.querySelector("#split-begins");
    if (area && field && caret > 0) field.value = area.value.slice(caret).trim().slice(0, 80);
    const first = event.target.querySelector("input[type=radio]:checked") || field;
    if (first) first.focus();
  }, true);

  // "t": put the keyboard into the name that is to be taught.
  document.addEventListener("click", (event) => {
    const summary = event.target.closest && event.target.closest("#teach > summary");
    if (!summary) return;
    event.preventDefault();
    summary.parentElement.open = true;
    summary.parentElement.querySelector("input[name=body]").focus();
  });

  // Ctrl+Enter accepts from within a field.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const button = document.querySelector("[data-accept]");
    if (button) { event.preventDefault(); button.click(); }
  });

  // A refused form (409, 422) is a page to be shown, not a failure to be swallowed.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 409 || event.detail.xhr.status === 422) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  document.addEventListener("htmx:afterSettle", () => { caret = 0; showHere(); });
  showHere();
})();
