"use strict";
// An essay's evidence beside its claim; without this script a claim leads to the list at the end.
(() => {
  let card = null;
  let opener = null;
  const close = () => {
    if (!card) return;
    card.remove();
    opener.setAttribute("aria-expanded", "false");
    card = null;
  };
  const open = (link) => {
    const again = opener === link && card;
    close();
    if (again) return;
    const entry = document.querySelector(link.getAttribute("href"));
    if (!entry) return;
    opener = link;
    card = document.createElement("aside");
    card.className = "card";
    card.tabIndex = -1;
    card.setAttribute("aria-label", "Evidence");
    for (const child of entry.children) card.append(child.cloneNode(true));
    for (const part of card.querySelectorAll("[id]")) part.removeAttribute("id");
    for (const part of card.querySelectorAll("img")) part.loading = "eager";
    for (const part of card.querySelectorAll(".passage")) part.remove();
    document.body.append(card);
    const at = link.getClientRects()[0];
    const wide = document.documentElement.clientWidth;
    const left = Math.min(Math.max(at.left + scrollX, 16), wide - card.offsetWidth - 16);
    card.style.left = `${Math.max(left, 8)}px`;
    const last = link.getBoundingClientRect().bottom;
    const below = last + card.offsetHeight + 12 < innerHeight || at.top < card.offsetHeight + 12;
    card.style.top = `${scrollY + (below ? last + 8 : at.top - card.offsetHeight - 8)}px`;
    link.setAttribute("aria-expanded", "true");
    card.focus({ preventScroll: true });
  };
  for (const link of document.querySelectorAll("a.evidence")) {
    link.setAttribute("aria-expanded", "false");
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      open(link);
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !card) return;
    close();
    opener.focus({ preventScroll: true });
  });
  document.addEventListener("click", (event) => {
    if (card && !card.contains(event.target) && !event.target.closest("a.evidence")) close();
  });
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
})();
