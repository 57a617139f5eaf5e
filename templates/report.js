"use strict";
(() => {
  const one = (query) => document.querySelector(query);
  const all = (query, from = document) => [...from.querySelectorAll(query)];

  // Folded parts: opened for a link, a search and the printer; the last two fold them again.
  const openUp = (target, remember) => {
    for (let box = target; box; box = box.parentElement) {
      if (box.tagName !== "DETAILS" || box.open) continue;
      box.open = true;
      if (remember) remember.add(box);
    }
  };
  const foldAgain = (boxes) => {
    for (const box of boxes) box.open = false;
    boxes.clear();
  };
  const printed = new Set();
  addEventListener("beforeprint", () => {
    for (const box of all("details:not([open])")) openUp(box, printed);
  });
  addEventListener("afterprint", () => foldAgain(printed));

  // Filters and search. What they hide has the class "out"; on paper it shows.
  const bar = one("#controls");
  const find = one("#find");
  const choices = ["audit", "verdict", "class", "right"].map((name) => [name, one(`#by-${name}`)]);
  const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ");
  const words = new Map();
  const reasonsOf = (entry) => {
    const rows = [];
    for (let next = entry.nextElementSibling; next && next.className.startsWith("because"); next = next.nextElementSibling) {
      rows.push(next);
    }
    return rows;
  };
  const said = (entry) => {
    if (!words.has(entry)) words.set(entry, plain([entry, ...reasonsOf(entry)].map((part) => part.textContent).join(" ")));
    return words.get(entry);
  };
  const searched = new Set();
  const fits = (entry, want) =>
    (!want.class || entry.dataset.c === want.class || entry.dataset.l === want.class) &&
    (!want.right || !entry.dataset.r || entry.dataset.r === want.right) &&
    (!want.text || said(entry).includes(want.text));
  const show = (element, shown) => element.classList.toggle("out", !shown);
  const showEntry = (entry, shown) => [entry, ...reasonsOf(entry)].forEach((part) => show(part, shown));
  const filterSection = (section, want) => {
    const inside = all("[data-e]", section).filter((entry) => !entry.parentElement.closest("[data-e]"));
    const offered = !section.dataset.verdict
      ? !want.audit && !want.verdict
      : (!want.audit || section.id === want.audit) && (!want.verdict || section.dataset.verdict === want.verdict);
    const fitting = offered ? inside.filter((entry) => fits(entry, want)) : [];
    const kept = new Set(fitting);
    for (const entry of inside) showEntry(entry, kept.has(entry));
    for (const part of all(".part", section)) show(part, inside.some((entry) => kept.has(entry) && part.contains(entry)));
    const narrowed = want.text || want.class || want.right;
    show(section, offered && (!narrowed || fitting.length > 0));
    if (narrowed) for (const entry of fitting) openUp(entry.parentElement, searched);
    return [fitting.length, inside.length];
  };
  const filter = () => {
    const want = Object.fromEntries(choices.map(([name, box]) => [name, box.value]));
    want.text = plain(find.value.trim());
    foldAgain(searched);
    const active = Object.values(want).some(Boolean);
    let fitting = 0;
    let total = 0;
    const sections = all(".audit, #discovery");
    for (const section of sections) {
      const [some, inside] = filterSection(section, want);
      fitting += some;
      total += inside;
    }
    if (!active) for (const part of all(".out")) part.classList.remove("out");
    for (const row of all("tr[data-audit]")) {
      const section = document.getElementById(row.dataset.audit);
      show(row, section && !section.classList.contains("out"));
    }
    one("#none-left").hidden = sections.some((section) => !section.classList.contains("out"));
    one("#clear").hidden = !active;
    one("#counted").textContent = active ? `${fitting} of ${total} findings, items, pairs and rows` : "";
  };
  const clear = () => {
    find.value = "";
    for (const [, box] of choices) box.value = "";
    filter();
  };
  if (bar) {
    bar.hidden = false;
    find.addEventListener("input", filter);
    for (const [, box] of choices) box.addEventListener("change", filter);
    one("#clear").addEventListener("click", () => {
      clear();
      find.focus();
    });
    addEventListener("keydown", (event) => {
      const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        find.focus();
        find.select();
      } else if (event.key === "Escape" && event.target === find) {
        event.preventDefault();
        find.value = "";
        filter();
      }
    });
    filter();
  }

  // Links to a finding, a pair or a row: whatever folds or filters it gives way.
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest(".out")) clear();
    openUp(target);
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);

  // One tab stop a text; arrows walk over its coloured words.
  addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const word = event.target;
    if (!step || !word.dataset || !("s" in word.dataset)) return;
    const line = all("[data-s]", word.closest(".text"));
    const next = line[line.indexOf(word) + step];
    if (!next) return;
    event.preventDefault();
    word.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });

  const strength = all(".strength");
  for (const box of strength) {
    box.addEventListener("change", () => {
      for (const other of strength) other.checked = box.checked;
    });
  }

  // Light or dark, against what the system asks for.
  const theme = one("#theme");
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const name = () => {
    theme.textContent = isDark() ? "Light mode" : "Dark mode";
  };
  theme.hidden = false;
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    name();
  });
  dark.addEventListener("change", name);
  name();

  if (location.hash) reveal();
})();
