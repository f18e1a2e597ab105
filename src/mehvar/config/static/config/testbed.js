/* Bring the page to life: new calls run through the picture, rows and proofs follow. Without this file the page refreshes itself. */
(() => {
  "use strict";
  const page = document.querySelector("[data-live]");
  if (!page) return;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const rows = document.getElementById("rows");
  const KEPT_ROWS = 40;
  const LOOK_MS = 700;
  let last = Number(page.dataset.last);

  const place = (element, frame, share) => {
    const box = element.getBoundingClientRect();
    const along = document.dir === "rtl" ? 1 - share : share;
    return [box.left + box.width * along - frame.left, box.top + box.height / 2 - frame.top];
  };

  const run = (move, wait) => {
    const scene = document.querySelector(".scene");
    const ends = [`[data-client="${move.client}"]`, "[data-hub]", "[data-hub]", `[data-provider="${move.provider}"]`].map((name) => scene.querySelector(name));
    if (still.matches || ends.includes(null)) return;
    const frame = scene.getBoundingClientRect();
    const [from, into, out, to] = ends.map((end, number) => place(end, frame, [1, 0, 1, 0][number]));
    const way = move.fate === "refused" ? [from, into, from] : move.fate === "broken" ? [from, into] : [from, into, out, to, out, into, from];
    const mote = document.createElement("span");
    mote.className = `mote is-${move.fate}`;
    mote.setAttribute("aria-hidden", "true");
    mote.style.left = "0";
    mote.style.top = "0";
    page.querySelector("#scene").style.position = "relative";
    scene.append(mote);
    const steps = way.map(([x, y]) => ({ transform: `translate(${x}px, ${y}px)` }));
    const motion = mote.animate(steps, { duration: 260 * way.length, delay: wait, easing: "ease-in-out", fill: "both" });
    motion.onfinish = () => mote.remove();
  };

  const put = (id, html) => {
    const block = document.getElementById(id);
    const motes = [...block.querySelectorAll(".mote")];
    const open = block.querySelector("details")?.open;
    const focused = block.contains(document.activeElement);
    if (focused) return;
    const fresh = document.createElement("div");
    fresh.innerHTML = html;
    block.replaceChildren(...fresh.childNodes);
    if (open) block.querySelector("details").open = true;
    const scene = block.querySelector(".scene");
    if (scene) scene.append(...motes);
  };

  const look = async () => {
    try {
      const answer = await fetch(`${page.dataset.live}&after=${last}`, { cache: "no-store" });
      const news = await answer.json();
      last = news.last;
      put("scene", news.scene);
      put("proof", news.proof);
      put("events", news.events);
      rows.insertAdjacentHTML("afterbegin", news.rows);
      while (rows.children.length > KEPT_ROWS) rows.lastElementChild.remove();
      news.moves.slice(-24).forEach((move, number, all) => run(move, (LOOK_MS * number) / all.length));
    } catch {
      page.dataset.gone = "yes";
    }
    window.setTimeout(look, LOOK_MS);
  };
  look();
})();
