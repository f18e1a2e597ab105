// Suggestions for names of bodies (WAI-ARIA combobox with a listbox). Without this, names are typed and read by the server.
(function () {
  "use strict";
  let number = 0;
  let asked = 0;

  function lineOf(field) {
    if (field.hasAttribute("data-one")) return { start: 0, end: field.value.length };
    const at = field.selectionStart;
    const start = field.value.lastIndexOf("\n", at - 1) + 1;
    const next = field.value.indexOf("\n", at);
    return { start, end: next < 0 ? field.value.length : next };
  }

  function listFor(field) {
    if (field.suggestions) return field.suggestions;
    const box = document.createElement("div");
    box.className = "suggest";
    field.replaceWith(box);
    box.append(field);
    const list = document.createElement("ul");
    list.className = "suggest-list";
    list.id = "suggestions-" + ++number;
    list.setAttribute("role", "listbox");
    list.hidden = true;
    box.append(list);
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", list.id);
    field.setAttribute("aria-expanded", "false");
    field.suggestions = list;
    field.focus();
    return list;
  }

  function close(field) {
    if (!field.suggestions) return;
    field.suggestions.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  function mark(field, option) {
    for (const other of field.suggestions.children) other.setAttribute("aria-selected", String(other === option));
    if (option) {
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    }
  }

  function choose(field, option) {
    const line = lineOf(field);
    const written = option.dataset.name + " [" + option.dataset.code + "]";
    field.setRangeText(written, line.start, line.end, "end");
    close(field);
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  async function suggest(field) {
    const line = lineOf(field);
    const wanted = field.value.slice(line.start, line.end).trim();
    if (wanted.length < 2) { close(field); return; }
    const mine = ++asked;
    const address = "/directives/bodies/?pack=" + encodeURIComponent(field.dataset.pack) + "&q=" + encodeURIComponent(wanted);
    let found;
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      found = (await answer.json()).bodies;
    } catch { return; }
    if (mine !== asked || document.activeElement !== field) return;
    const caret = field.selectionStart;
    const list = listFor(field);
    field.selectionStart = field.selectionEnd = caret;
    list.replaceChildren(...found.map((body, index) => {
      const option = document.createElement("li");
      option.id = list.id + "-" + index;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.code = body.code;
      option.dataset.name = body.name;
      option.textContent = body.name;
      option.dir = "auto";
      return option;
    }));
    list.hidden = found.length === 0;
    field.setAttribute("aria-expanded", String(found.length > 0));
  }

  let waiting;
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.matches || !field.matches("[data-bodies]")) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => suggest(field), 160);
  });
  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!field.suggestions || field.suggestions.hidden) return;
    clearTimeout(waiting); // what is shown stays while one walks through it
    asked++;
    const options = [...field.suggestions.children];
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(field, options[(at + step + options.length) % options.length]);
    } else if (event.key === "Enter" && at >= 0) choose(field, options[at]);
    else if (event.key === "Escape") close(field);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest && event.target.closest(".suggest-list [role=option]");
    if (!option) return;
    event.preventDefault();
    choose(option.closest(".suggest").querySelector("[data-bodies]"), option);
  });
  document.addEventListener("focusout", (event) => { if (event.target.suggestions) close(event.target); });
})();
