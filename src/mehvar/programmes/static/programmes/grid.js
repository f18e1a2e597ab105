// The plan's grid as a spreadsheet: arrows move between cells, a block copied from a spreadsheet is pasted over cells, Escape takes a
// cell back. Rows are saved by htmx when a cell changes; without this script the grid is an ordinary form.
(function () {
  "use strict";
  const body = document.getElementById("plan-rows");
  if (!body) return;

  const cellsOf = (row) => Array.from(row.querySelectorAll("[data-cell]"));
  const rows = () => Array.from(body.rows);
  const before = new WeakMap();

  function place(field) {
    const row = field.closest("tr");
    return { row: rows().indexOf(row), column: cellsOf(row).indexOf(field) };
  }

  function at(row, column) {
    const found = rows()[row];
    return found ? cellsOf(found)[column] : undefined;
  }

  function go(field) {
    if (!field) return false;
    field.focus();
    if (field.select && field.tagName === "INPUT") field.select();
    field.scrollIntoView({ block: "nearest", inline: "nearest" });
    return true;
  }

  // In a cell of several lines the arrows first move within it.
  function leaves(field, key) {
    if (field.tagName === "SELECT") return false;
    if (field.tagName === "INPUT") return true;
    const text = field.value, from = field.selectionStart, to = field.selectionEnd;
    if (from !== to) return false;
    return key === "ArrowUp" ? text.lastIndexOf("\n", from - 1) < 0 : text.indexOf("\n", from) < 0;
  }

  function step(key) {
    const towards = document.documentElement.dir === "rtl" ? -1 : 1;
    return { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -towards], ArrowRight: [0, towards] }[key];
  }

  body.addEventListener("keydown", (event) => {
    const field = event.target.closest("[data-cell]");
    if (!field || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape" && before.has(field)) {
      field.value = before.get(field);
      event.preventDefault();
      return;
    }
    const move = step(event.key);
    const enters = event.key === "Enter" && field.tagName === "INPUT";
    if (!move && !enters) return;
    if (move && !event.altKey && (move[1] || !leaves(field, event.key))) return;
    const here = place(field);
    const next = enters ? at(here.row + 1, here.column) : at(here.row + move[0], here.column + move[1]);
    if (go(next) || enters) event.preventDefault();
  });

  body.addEventListener("focusin", (event) => {
    const field = event.target.closest("[data-cell]");
    if (field) before.set(field, field.value);
  });

  // "Save" right after a cell was changed waits until that row is stored: sent twice, a new row would stand there twice.
  const waiting = new Set();
  let wanted = null;

  function sendWanted() {
    if (!wanted) return;
    const form = wanted;
    wanted = null;
    waiting.clear();
    form.requestSubmit();
  }

  body.addEventListener("change", (event) => {
    if (window.htmx) waiting.add(event.target.closest("tr"));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const row = event.target.closest ? event.target.closest("tr") : null;
    if (row) waiting.delete(row);
    if (!waiting.size) setTimeout(sendWanted);
  });
  window.addEventListener("submit", (event) => {
    if (event.target.id !== "plan-form" || !waiting.size) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!wanted) setTimeout(sendWanted, 5000);
    wanted = event.target;
  }, true);

  // The rows of a copied block; a cell in quotes may hold line breaks.
  function block(text) {
    const lines = [[""]];
    let quoted = false;
    for (let i = 0; i < text.length; i += 1) {
      const line = lines[lines.length - 1], sign = text[i];
      if (quoted) {
        if (sign !== '"') line[line.length - 1] += sign;
        else if (text[i + 1] === '"') { line[line.length - 1] += '"'; i += 1; } else quoted = false;
      } else if (sign === '"' && line[line.length - 1] === "") quoted = true;
      else if (sign === "\t") line.push("");
      else if (sign === "\n") lines.push([""]);
      else if (sign !== "\r") line[line.length - 1] += sign;
    }
    if (lines.length > 1 && lines[lines.length - 1].join("") === "") lines.pop();
    return lines;
  }

  function put(field, text) {
    if (field.tagName === "SELECT") {
      const option = Array.from(field.options).find((one) => one.text.trim() === text.trim());
      if (!option) return;
      field.value = option.value;
    } else field.value = text;
  }

  body.addEventListener("paste", (event) => {
    const field = event.target.closest("[data-cell]");
    const text = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
    if (!field || !text.includes("\t")) return; // One cell, or lines of one cell, are pasted as usual.
    event.preventDefault();
    const here = place(field);
    block(text).forEach((line, down) => {
      line.forEach((cell, right) => {
        const target = at(here.row + down, here.column + right);
        if (target) put(target, cell);
      });
      const first = at(here.row + down, here.column);
      if (first) first.dispatchEvent(new Event("change", { bubbles: true }));
    });
  });
})();
