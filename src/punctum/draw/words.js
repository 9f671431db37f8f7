/* The words as text: found by what is typed, followed by the film, and leading into it. Texts are set as text, never as
   markup: they come from anybody's files. */
(() => {
  const P = Punctum;
  const box = document.getElementById("lines");
  const find = document.getElementById("find");
  if (!box || !find) return;
  const count = document.getElementById("found");
  const AROUND = 12, MOST = 200;

  const lanes = P.data.lanes.filter((lane) => ["words", "notes", "titles"].includes(lane.name));
  const lines = [];
  lanes.forEach((lane) => lane.start_s.forEach((start_s, i) => {
    lines.push({ start_s, end_s: lane.end_s[i], text: lane.labels[i], kind: lane.name, lane, i });
  }));
  for (const line of lines) line.small = null;
  lines.sort((a, b) => a.start_s - b.start_s || a.i - b.i);
  const starts = lines.map((line) => line.start_s);

  /* small letters without accents, one character for each of the text's, so that places agree */
  const plain = (text) => [...text].map((c) => {
    const base = c.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    return base.length === c.length ? base : c.toLowerCase().length === c.length ? c.toLowerCase() : c;
  }).join("");
  const small = (line) => (line.small === null ? (line.small = plain(line.text)) : line.small);
  let sought = "", hits = [];

  const mark = (parent, text) => {
    if (!sought) { parent.append(text); return; }
    const small = plain(text);
    let at = 0;
    for (let next = small.indexOf(sought); next >= 0; next = small.indexOf(sought, at)) {
      parent.append(text.slice(at, next));
      const found = document.createElement("mark");
      found.textContent = text.slice(next, next + sought.length);
      parent.append(found);
      at = next + sought.length;
    }
    parent.append(text.slice(at));
  };
  const write = (shown, current) => {
    const focused = box.contains(document.activeElement) ? document.activeElement.dataset.line : undefined;
    box.replaceChildren();
    for (const number of shown) {
      const line = lines[number];
      const item = document.createElement("li"), button = document.createElement("button"), time = document.createElement("span"), said = document.createElement("bdi");
      button.type = "button";
      button.dataset.line = number;
      button.className = "line-of-" + line.kind;
      if (number === current) button.setAttribute("aria-current", "true");
      button.tabIndex = number === (shown.includes(current) ? current : shown[0]) ? 0 : -1;
      time.className = "code";
      time.textContent = P.clock(line.start_s);
      mark(said, line.text);
      button.append(time, said);
      item.append(button);
      box.append(item);
    }
    if (focused !== undefined) { const again = box.querySelector(`[data-line="${focused}"]`); if (again) again.focus({ preventScroll: true }); }
  };
  const at = () => Math.max(P.lastAtMost(starts, P.moment.time_s + 1e-6), 0);
  let last = "";
  const show = (force) => {
    const current = at();
    const standing = lines[current] && P.moment.time_s < lines[current].end_s && P.moment.time_s >= lines[current].start_s ? current : -1;
    const shown = sought ? hits.slice(0, MOST) : lines.map((_, i) => i).slice(Math.max(current - 3, 0), Math.max(current - 3, 0) + AROUND);
    const state = sought + "/" + shown[0] + "/" + standing;
    if (!force && state === last) return;
    last = state;
    write(shown, standing);
    if (!sought) count.textContent = "";
    else count.textContent = hits.length ? hits.length + (hits.length === 1 ? " line" : " lines") + (hits.length > MOST ? ", the first " + MOST + " shown" : "") : "No line holds that.";
  };
  const look = () => {
    const asked = plain(find.value.trim().replace(/\s+/g, " "));
    /* leaving the field changes nothing: a list made anew would lose the press that left it */
    if (asked === sought) return;
    sought = asked;
    hits = sought ? lines.map((line, i) => (small(line).includes(sought) ? i : -1)).filter((i) => i >= 0) : [];
    /* what was found stands out in the lanes, too */
    lanes.forEach((lane) => {
      const drawn = P.laneNamed(lane.name);
      if (!drawn) return;
      drawn.usual = drawn.usual || drawn.tones;
      drawn.tones = sought ? lane.labels.map((_, i) => drawn.usual[i] || "") : drawn.usual;
    });
    for (const i of hits) { const drawn = P.laneNamed(lines[i].kind); if (drawn) drawn.tones[lines[i].i] = "accent"; }
    P.redraw && P.redraw();
    show(true);
  };
  const go = (number) => P.goTime(lines[number].start_s + 1e-4, "click");
  for (const kind of ["input", "change"]) find.addEventListener(kind, look);
  find.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { find.value = ""; look(); }
    if (event.key !== "Enter" || !hits.length) return;
    event.preventDefault();
    const later = hits.find((i) => lines[i].start_s > P.moment.time_s + 0.01);
    const sooner = hits.filter((i) => lines[i].end_s < P.moment.time_s).pop();
    go(event.shiftKey ? (sooner === undefined ? hits[hits.length - 1] : sooner) : later === undefined ? hits[0] : later);
  });
  box.addEventListener("click", (event) => { const button = event.target.closest("button"); if (button) go(+button.dataset.line); });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const items = [...box.querySelectorAll("button")], place = items.indexOf(document.activeElement);
    const next = items[place + (event.key === "ArrowDown" ? 1 : -1)];
    if (place < 0 || !next) return;
    event.preventDefault();
    event.stopPropagation();
    next.focus();
  });
  P.follow(() => show(false));
})();
