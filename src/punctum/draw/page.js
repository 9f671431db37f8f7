/* The rest of the page: the strip of shots, links into the film, explanations, the two rooms; and the start. */
(() => {
  const P = Punctum;
  const root = document.documentElement;

  /* rooms: follows the system until a choice is made; the choice holds for this page only where storage is refused */
  const rooms = document.getElementById("room");
  const remember = (value) => { try { if (value) localStorage.setItem("punctum-room", value); return localStorage.getItem("punctum-room"); } catch { return null; } };
  const isDark = () => (root.dataset.room ? root.dataset.room === "screening" : matchMedia("(prefers-color-scheme: dark)").matches);
  const nameRoom = () => { rooms.textContent = isDark() ? "Paper" : "Screening"; rooms.setAttribute("aria-label", isDark() ? "Switch to paper, light" : "Switch to screening, dark"); };
  const kept = remember();
  if (kept === "paper" || kept === "screening") root.dataset.room = kept;
  rooms.addEventListener("click", () => { root.dataset.room = isDark() ? "paper" : "screening"; remember(root.dataset.room); nameRoom(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", nameRoom);
  nameRoom();

  /* whatever carries data-frame sends the film there */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-frame]");
    if (!link) return;
    event.preventDefault();
    P.go(+link.dataset.frame, "click");
    if (link.dataset.show) document.getElementById("film-and-score").scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  });

  /* explanations: one box, by hover, focus or touch */
  const tip = document.getElementById("tip");
  let owner = null;
  const showTip = (of) => {
    owner = of;
    tip.textContent = of.dataset.tip;
    tip.hidden = false;
    of.setAttribute("aria-describedby", "tip");
    const box = of.getBoundingClientRect(), own = tip.getBoundingClientRect();
    const left = Math.max(8, Math.min(box.left, document.documentElement.clientWidth - own.width - 8));
    const below = box.bottom + own.height + 14 < window.innerHeight;
    tip.style.left = left + "px";
    tip.style.top = (below ? box.bottom + 6 : Math.max(box.top - own.height - 6, 4)) + "px";
  };
  const hideTip = () => { if (owner) owner.removeAttribute("aria-describedby"); owner = null; tip.hidden = true; };
  document.addEventListener("pointerover", (event) => { const of = event.target.closest("[data-tip]"); if (of) showTip(of); else if (owner && document.activeElement !== owner) hideTip(); });
  document.addEventListener("focusin", (event) => { const of = event.target.closest("[data-tip]"); if (of) showTip(of); else hideTip(); });
  document.addEventListener("focusout", hideTip);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hideTip(); });
  document.addEventListener("scroll", hideTip, { passive: true });

  /* the strip: pictures only where it is looked at; one stop in the order of the keyboard */
  const strip = document.getElementById("strip");
  const items = strip ? [...strip.querySelectorAll("button")] : [];
  items.forEach((item, i) => { item.shot = i; });
  if (strip) strip.addEventListener("click", (event) => {
    const item = event.target.closest("button");
    if (item) P.go(P.data.shots.start_frame[item.shot], "click");
  });
  let current = -1;
  const looked = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) {
      const shot = entry.target.shot, box = entry.target.firstElementChild;
      P.showPicture(box, { shot, still: P.data.shots.still[shot] });
      looked.unobserve(entry.target);
    }
  }, { root: strip, rootMargin: "0px 600px" });
  const markShot = (moment, from) => {
    if (!items.length) return;
    const shot = P.shotOf(moment.frame);
    if (shot === current || !items[shot]) return;
    if (items[current]) { items[current].removeAttribute("aria-current"); items[current].tabIndex = -1; }
    current = shot;
    items[shot].setAttribute("aria-current", "true");
    items[shot].tabIndex = 0;
    const item = items[shot].parentElement;
    strip.scrollTo({ left: item.offsetLeft - (strip.clientWidth - item.offsetWidth) / 2, behavior: "instant" });
    if (strip.contains(document.activeElement) && from === "step") items[shot].focus({ preventScroll: true });
  };
  P.follow(markShot);

  const start = async () => {
    P.startScore && P.startScore();
    await P.spine.load();
    /* a served page shows its stills first; the cells beneath them come when they come */
    if (P.data.served) P.loadCells(); else await P.loadCells();
    for (const item of items) looked.observe(item);
    for (const box of document.querySelectorAll("[data-picture]")) {
      const [shot, still] = box.dataset.picture.split(" ").map(Number);
      P.showPicture(box, { shot, still });
    }
    P.go(P.data.opening_frame, "begin");
    P.redraw && P.redraw();
    if (P.startViewer) P.startViewer();
    requestAnimationFrame(() => { root.dataset.useful = String(Math.round(performance.now())); });
    if (P.loadScore) { await P.loadScore(); P.redraw(); }
    requestAnimationFrame(() => { root.dataset.ready = String(Math.round(performance.now())); });
  };
  start();
})();
