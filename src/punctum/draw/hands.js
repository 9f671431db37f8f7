/* The score under the hand: pressing, dragging, pinching, turning the wheel, and the buttons of the zoom. */
(() => {
  const P = Punctum, S = P.score;
  if (!S) return;
  const { view, moment } = P;
  const { plots, overview, hover, hoverTime, duration } = S;

  /* pointer: press and move to scrub; where the playhead is held, the lanes are dragged under it */
  const pointers = new Map();
  let pressed = null;
  const plotX = (event) => event.clientX - plots.getBoundingClientRect().left - S.labelWidth;
  plots.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.target.closest("button")) return;
    if (plotX(event) < 0) return;
    pointers.set(event.pointerId, event.clientX);
    if (pointers.size === 2) {
      const [a, b] = [...pointers.values()];
      pressed = { pinch: Math.abs(a - b), span_s: view.to_s - view.from_s };
      return;
    }
    pressed = { x: event.clientX, time_s: moment.time_s, moved: false };
    plots.setPointerCapture(event.pointerId);
    if (!S.held) P.goTime(S.timeAt(plotX(event)), "scrub");
  });
  plots.addEventListener("pointermove", (event) => {
    const x = plotX(event);
    if (event.pointerType === "mouse") {
      hover.hidden = x < 0 || x > S.width;
      hover.style.transform = "translateX(" + (S.labelWidth + x) + "px)";
      hoverTime.textContent = P.clock(Math.max(0, Math.min(S.timeAt(x), duration)), view.to_s - view.from_s < 120 ? 1 : 0);
    }
    if (!pointers.has(event.pointerId) || !pressed) return;
    pointers.set(event.pointerId, event.clientX);
    if (pressed.pinch !== undefined) {
      if (pointers.size < 2) return;
      const [a, b] = [...pointers.values()];
      S.setView(view.from_s, pressed.span_s * (pressed.pinch / Math.max(Math.abs(a - b), 10)));
      return;
    }
    if (Math.abs(event.clientX - pressed.x) > 4) pressed.moved = true;
    if (!S.held) P.goTime(S.timeAt(x), "scrub");
    else if (pressed.moved) P.goTime(pressed.time_s - ((event.clientX - pressed.x) / S.width) * (view.to_s - view.from_s), "scrub");
  });
  const lift = (event) => {
    if (pressed && S.held && !pressed.moved && pressed.pinch === undefined && event.type === "pointerup") P.goTime(S.timeAt(plotX(event)), "click");
    pointers.delete(event.pointerId);
    if (!pointers.size) pressed = null;
  };
  plots.addEventListener("pointerup", lift);
  plots.addEventListener("pointercancel", lift);
  plots.addEventListener("pointerleave", () => { hover.hidden = true; });
  plots.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      P.zoom(Math.exp(Math.max(-60, Math.min(event.deltaY, 60)) * 0.01), S.timeAt(plotX(event)));
    } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) {
      event.preventDefault();
      const by = (event.deltaX || event.deltaY) / S.width * (view.to_s - view.from_s);
      if (S.held) P.goTime(moment.time_s + by, "scrub"); else S.setView(view.from_s + by, view.to_s - view.from_s);
    }
  }, { passive: false });
  if (overview) {
    let grabbed = false;
    const to = (event) => {
      const box = overview.getBoundingClientRect();
      const time_s = Math.max(0, Math.min((event.clientX - box.left) / box.width, 1)) * duration;
      P.goTime(time_s, "click");
    };
    overview.addEventListener("pointerdown", (event) => { if (event.button === 0) { grabbed = true; overview.setPointerCapture(event.pointerId); to(event); } });
    overview.addEventListener("pointermove", (event) => { if (grabbed) to(event); });
    overview.addEventListener("pointerup", () => { grabbed = false; });
    overview.addEventListener("pointercancel", () => { grabbed = false; });
  }
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => {
      const what = button.dataset.zoom;
      if (what === "in") P.zoom(0.5);
      else if (what === "out") P.zoom(2);
      else if (what === "shot") {
        const shot = P.shotOf(moment.frame), shots = P.data.shots;
        P.showSpan(shots.start_s[shot], shots.end_s[shot]);
      } else P.whole();
    });
  }
})();
