// Small helps for pages that already work without JavaScript. No inline code anywhere: CSP "default-src 'self'" holds.
(function () {
  "use strict";
  const root = document.documentElement;

  // Every htmx request carries the CSRF token that the page's forms carry.
  function csrfToken() {
    const field = document.querySelector("input[name=csrfmiddlewaretoken]");
    return field ? field.value : "";
  }
  document.addEventListener("htmx:configRequest", (event) => {
    const token = csrfToken();
    if (token) event.detail.headers["X-CSRFToken"] = token;
  });

  // Theme: at once, and kept in the cookie the server reads.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-form] button[name=theme]");
    if (!button) return;
    event.preventDefault();
    root.dataset.theme = button.value;
    const secure = location.protocol === "https:" ? ";secure" : "";
    document.cookie = "mehvar_theme=" + button.value + ";path=/;max-age=31536000;samesite=lax" + secure;
    for (const other of button.parentElement.children) {
      if (other === button) other.setAttribute("aria-pressed", "true");
      else other.removeAttribute("aria-pressed");
    }
  });

  // Menus close when one clicks elsewhere or presses Escape; the keyboard goes back to where it was.
  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
  }
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  // Keyboard helper: an element with data-key="j" is clicked (or focused, when it is an input) by that key.
  // Keys are read by their meaning, so they also work on Persian and Vietnamese layouts through event.code.
  function keyOf(event) {
    if (/^[\x21-\x7e]$/.test(event.key) || event.key.length > 1) return event.key;
    return /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : event.key;
  }
  function isTyping(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    const key = keyOf(event);
    for (const element of document.querySelectorAll("[data-key]")) {
      if (element.dataset.key !== key || element.disabled || !element.getClientRects().length) continue;
      event.preventDefault();
      if (isTyping(element)) element.focus(); else element.click();
      return;
    }
  });

  // Unsaved changes: a form with data-guard asks before the page is left.
  const changed = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-guard]");
    if (form) changed.add(form);
  });
  document.addEventListener("submit", (event) => {
    changed.delete(event.target);
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault(); // A double click sends once.
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 4000);
  });
  addEventListener("beforeunload", (event) => {
    for (const form of changed) if (form.isConnected) { event.preventDefault(); return; }
  });

  // Filters of lists answer at once; without JavaScript the button does it.
  function settle(scope) {
    for (const button of scope.querySelectorAll("[data-without-script]")) button.hidden = true;
    const summary = scope.querySelector("[data-focus]");
    if (summary) summary.focus();
    const middle = (box) => (box.left + box.right) / 2;
    for (const step of scope.querySelectorAll(":is(.axis, .tabs, .steps, .main-nav) [aria-current]")) {
      const ribbon = step.closest(".axis, .tabs, ol, ul"); // What is wider than the page shows its present place.
      ribbon.scrollLeft += middle(step.getBoundingClientRect()) - middle(ribbon.getBoundingClientRect());
    }
  }
  document.addEventListener("htmx:afterSettle", (event) => settle(event.target));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => settle(document));
  else settle(document);
})();
