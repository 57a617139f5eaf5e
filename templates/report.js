"use strict";
(() => {
  const reveal = () => {
    const id = location.hash.slice(1);
    const target = id && document.getElementById(id);
    for (let box = target; box; box = box.parentElement) {
      if (box.tagName === "DETAILS") box.open = true;
    }
    if (target) target.scrollIntoView();
  };
  const closed = new Set();
  addEventListener("hashchange", reveal);
  addEventListener("beforeprint", () => {
    for (const box of document.querySelectorAll("details:not([open])")) {
      closed.add(box);
      box.open = true;
    }
  });
  addEventListener("afterprint", () => {
    for (const box of closed) box.open = false;
    closed.clear();
  });
  const strength = document.querySelectorAll(".strength");
  for (const box of strength) {
    box.addEventListener("change", () => {
      for (const other of strength) other.checked = box.checked;
    });
  }
  if (location.hash) reveal();
})();
