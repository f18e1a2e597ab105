// Step by step with arrow keys, page keys and presenters' clickers: they follow the page's own links. Pages work without it.
(() => {
  "use strict";
  const backwards = document.documentElement.dir === "rtl";
  const FORWARD = new Set(["PageDown", backwards ? "ArrowLeft" : "ArrowRight"]);
  const BACK = new Set(["PageUp", backwards ? "ArrowRight" : "ArrowLeft"]);

  function isBusy(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest(".table-frame:focus");
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.defaultPrevented || isBusy(event.target)) return;
    const rel = FORWARD.has(event.key) ? "next" : BACK.has(event.key) ? "prev" : "";
    const link = rel && document.querySelector(`a[rel="${rel}"]`);
    if (!link) return;
    event.preventDefault();
    link.click();
  });

  for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = false;

  const button = document.querySelector("[data-fullscreen]");
  if (button && document.fullscreenEnabled) {
    button.hidden = false;
    button.addEventListener("click", () => {
      if (document.fullscreenElement) document.exitFullscreen(); else document.documentElement.requestFullscreen();
    });
  }
})();
