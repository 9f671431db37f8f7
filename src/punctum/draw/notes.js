/* Notes: on a frame, a span, a region or a face; tiers as lanes; rival readings with their evidence.
   Conventions: a region is left, top, width, height as shares of the active picture. */
(() => {
  const P = Punctum, V = P.viewer, SVG = "http://www.w3.org/2000/svg";
  if (!V) return;
  const $ = (id) => document.getElementById(id);
  const TONES = [["", "no colour"], ["#0068a8", "blue"], ["#a86400", "orange"], ["#00805d", "green"], ["#a34f80", "purple"], ["#2a7fae", "sky"], ["#b3341f", "vermilion"]];
  const toneOf = (hex) => ({ blue: "blue", orange: "orange", green: "green", purple: "purple", sky: "sky", vermilion: "accent" }[(TONES.find(([value]) => value && value === hex) || [])[1]] || "");
  const make = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    if (name === "button") made.type = "button";
    return made;
  };
  const button = (text, act, className) => { const made = make("button", text, className); made.addEventListener("click", act); return made; };
  V.make = make;
  V.button = button;
  V.choices = (select, pairs, chosen) => {
    const kept = chosen === undefined ? select.value : chosen;
    select.replaceChildren(...pairs.map(([value, text]) => { const one = make("option", text); one.value = value; return one; }));
    if (pairs.some(([value]) => value === kept)) select.value = kept;
  };
  V.choices($("note-colour"), TONES);

  /* the form */
  let region = null, replaced = "", fixed = null;
  const form = $("note-form"), text = $("note-text"), tags = $("note-tags"), tier = $("note-tier"), value = $("note-value"), name = $("note-name");
  const target = () => {
    if (fixed) return fixed;
    const span = V.wholeSpan();
    return span ? { start_s: P.spine.timeOf(span[0]), end_s: P.spine.timeOf(span[1]) } : { start_s: P.moment.time_s, end_s: null };
  };
  const sayTarget = () => {
    const { start_s, end_s } = target();
    $("note-on").textContent = (end_s === null ? "on the frame at " + P.clock(start_s, 3) : "on " + P.clock(start_s, 3) + " to " + P.clock(end_s, 3)) + (region ? ", on a region of the picture" : "");
    $("note-no-region").hidden = !region;
  };
  const clear = () => {
    region = null; replaced = ""; fixed = null;
    for (const field of [text, tags, value, name]) field.value = "";
    drawRegions(); sayTarget(); markTerms();
  };
  V.onOpen.note = () => { sayTarget(); markTerms(); };
  V.hold = () => V.openDesk() === "note" && Boolean(text.value.trim());
  P.follow((_, from) => { if (V.openDesk() === "note" && from !== "play") sayTarget(); drawRegions(from); });
  const spanChanged = V.spanChanged;
  V.spanChanged = () => { spanChanged(); if (V.openDesk() === "note") sayTarget(); };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const sent = { kind: "note", ...target(), text: text.value, tags: tagList(), tier: tier.value.trim(), name: name.value, region };
    if (sent.end_s === null) delete sent.end_s;
    if (!region) delete sent.region;
    if (value.value.trim()) {
      sent.value = Number(value.value.trim().replace(",", ".").replace("−", "-"));
      if (!isFinite(sent.value)) { V.tell("The value is no number.", true); value.focus(); return; }
    }
    if (replaced) sent.replaces = replaced;
    const known = V.state && V.state.tiers.find((one) => one.tier === sent.tier);
    if (sent.tier && (!known || ($("note-colour").value && known.colour !== $("note-colour").value))) {
      if (!(await V.ask("notes", { kind: "tier", tier: sent.tier, colour: $("note-colour").value, vocabulary: known ? known.vocabulary : [] }))) return;
    }
    const found = await V.ask("notes", sent);
    if (!found) return;
    clear();
    V.tell("The note is kept.");
    V.changed();
    text.focus();
  });

  /* tags, from the words typed and the vocabularies */
  const tagList = () => tags.value.split(/[,;]/).map((tag) => tag.trim()).filter(Boolean);
  const terms = () => {
    const chosen = V.state && V.state.tiers.find((one) => one.tier === tier.value.trim());
    if (chosen && chosen.vocabulary.length) return [["", chosen.vocabulary]];
    return V.state ? Object.entries(V.state.vocabularies) : [];
  };
  const markTerms = () => {
    const used = new Set(tagList()), box = $("note-terms");
    box.replaceChildren();
    for (const [, words] of terms()) for (const word of words) {
      const one = button(word, () => {
        const list = tagList();
        tags.value = (list.includes(word) ? list.filter((tag) => tag !== word) : [...list, word]).join(", ");
        markTerms();
      });
      one.setAttribute("aria-pressed", String(used.has(word)));
      box.append(one);
    }
  };
  tags.addEventListener("input", markTerms);
  tier.addEventListener("input", () => {
    const known = V.state && V.state.tiers.find((one) => one.tier === tier.value.trim());
    if (known && TONES.some(([hex]) => hex === known.colour)) $("note-colour").value = known.colour;
    markTerms();
  });

  /* regions: drawn on the stage, shown for the notes on this frame */
  const over = $("region-over"), stage = $("stage");
  let drawing = null, armed = false;
  const inside = (event) => {
    const [left, top, width, height] = P.picturePlace(), box = stage.getBoundingClientRect();
    const clamp = (v) => Math.max(0, Math.min(v, 1));
    return [clamp((event.clientX - box.left - left) / width), clamp((event.clientY - box.top - top) / height)];
  };
  const drawRegions = (from) => {
    over.replaceChildren();
    if (from === "play") return;
    over.setAttribute("viewBox", "0 0 " + stage.clientWidth + " " + stage.clientHeight);
    const [left, top, width, height] = P.picturePlace();
    const box = (share, className) => {
      const made = document.createElementNS(SVG, "rect");
      made.setAttribute("x", left + share[0] * width);
      made.setAttribute("y", top + share[1] * height);
      made.setAttribute("width", share[2] * width);
      made.setAttribute("height", share[3] * height);
      if (className) made.setAttribute("class", className);
      over.append(made);
    };
    const now = P.moment.time_s;
    for (const note of V.state ? V.state.notes : []) {
      if (!note.region) continue;
      if (note.end_s === null ? Math.abs(note.start_s - now) < 0.02 : now >= note.start_s - 1e-6 && now < note.end_s) box(note.region);
    }
    if (region) box(region, "mine");
  };
  V.drawRegion = () => {
    V.open("note");
    armed = true;
    over.classList.add("drawing");
    V.tell("Draw on the picture. By keyboard: arrows move the region, Shift and arrows size it, Enter keeps it.");
    if (!region) region = [0.35, 0.35, 0.3, 0.3];
    stage.tabIndex = -1;
    stage.focus({ preventScroll: true });
    drawRegions(); sayTarget();
  };
  const disarm = () => { armed = false; over.classList.remove("drawing"); drawing = null; V.tell(""); };
  V.cancelRegion = () => { if (!armed) return false; disarm(); region = null; drawRegions(); sayTarget(); return true; };
  stage.addEventListener("keydown", (event) => {
    if (!armed || !region) return;
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Enter") { disarm(); text.focus(); event.preventDefault(); event.stopPropagation(); return; }
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    let [x, y, w, h] = region;
    if (event.shiftKey) { w = Math.max(0.02, Math.min(w + by[0] * 0.02, 1 - x)); h = Math.max(0.02, Math.min(h + by[1] * 0.02, 1 - y)); }
    else { x = Math.max(0, Math.min(x + by[0] * 0.02, 1 - w)); y = Math.max(0, Math.min(y + by[1] * 0.02, 1 - h)); }
    region = [x, y, w, h].map((v) => Math.round(v * 1e4) / 1e4);
    drawRegions();
  });
  over.addEventListener("pointerdown", (event) => { if (!armed) return; drawing = inside(event); over.setPointerCapture(event.pointerId); event.preventDefault(); });
  over.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    const [x, y] = inside(event);
    region = [Math.min(x, drawing[0]), Math.min(y, drawing[1]), Math.abs(x - drawing[0]), Math.abs(y - drawing[1])].map((v) => Math.round(v * 1e4) / 1e4);
    drawRegions();
  });
  over.addEventListener("pointerup", () => {
    if (!drawing) return;
    if (!region || region[2] < 0.005 || region[3] < 0.005) region = null;
    disarm(); drawRegions(); sayTarget(); text.focus();
  });
  V.nextFace = () => {
    V.open("note");
    const faces = P.facesHere(P.moment);
    if (!faces.length) { V.tell("No face was looked at near this frame.", true); return; }
    const at = region ? faces.findIndex((face) => Math.abs(face[0] - region[0]) < 1e-3 && Math.abs(face[1] - region[1]) < 1e-3) : -1;
    const [x, y, w, h] = faces[(at + 1) % faces.length];
    region = [x, y, Math.min(w, 1 - x), Math.min(h, 1 - y)].map((v) => Math.floor(v * 1e4) / 1e4);
    V.tell("Face " + (((at + 1) % faces.length) + 1) + " of " + faces.length + ".");
    drawRegions(); sayTarget();
  };
  $("note-region").addEventListener("click", V.drawRegion);
  $("note-face").addEventListener("click", V.nextFace);
  $("note-no-region").addEventListener("click", () => { region = null; drawRegions(); sayTarget(); });
  window.addEventListener("resize", () => drawRegions());

  /* the list */
  const list = $("noted"), find = $("noted-find"), choose = $("noted-tier");
  const about = (note) => [note.name && "“" + note.name + "”", note.tier, note.value !== null && "value " + note.value, note.tags.join(", "), note.region && "a region", note.who].filter(Boolean).join(" · ");
  const edit = (note) => {
    V.open("note");
    replaced = note.note_id;
    region = note.region;
    fixed = { start_s: note.start_s, end_s: note.end_s };
    text.value = note.text; tags.value = note.tags.join(", "); tier.value = note.tier; name.value = note.name;
    value.value = note.value === null ? "" : String(note.value);
    P.goTime(note.start_s + 1e-4, "click");
    sayTarget(); markTerms(); text.focus();
  };
  const framesOf = (note) => [P.spine.frameAt(note.start_s + 1e-4), note.end_s === null ? P.spine.frameAt(note.start_s + 1e-4) + 1 : P.spine.frameAt(note.end_s - 1e-4) + 1];
  const writeList = () => {
    const state = V.state;
    if (!state) return;
    const sought = find.value.trim().toLowerCase();
    const shown = state.notes.filter((note) => (!choose.value || note.tier === choose.value) && (!sought || (note.text + " " + about(note)).toLowerCase().includes(sought)));
    $("noted-count").textContent = state.notes.length ? shown.length + (shown.length === 1 ? " note" : " notes") : "Nothing noted yet: N writes a note on the frame, or on the span between I and O.";
    list.replaceChildren(...shown.slice(0, 500).map((note) => {
      const item = make("li"), times = P.clock(note.start_s, 1) + (note.end_s === null ? "" : " – " + P.clock(note.end_s, 1));
      const when = button(times, () => {
        const [from, to] = framesOf(note);
        if (note.end_s === null) V.mark(null, null); else V.mark(from, to);
        P.go(from, "click");
      }, "when code");
      when.setAttribute("aria-label", "Go to " + times);
      const body = make("div", note.text || note.name || note.tags.join(", ") || note.tier, "text");
      const acts = make("div", undefined, "acts");
      acts.append(button("edit", () => edit(note)), button("take away", async () => {
        if (await V.ask("undo", { step: note.note_id })) { V.tell("The note is taken away. Redo brings it back."); V.changed(); }
      }), button("cite", () => { const [from, to] = framesOf(note); V.cite({ span: [from, to] }); }));
      const line = make("div", about(note), "about"), known = state.tiers.find((one) => one.tier === note.tier);
      if (known) { const dot = make("span", "", "dot"); colour(dot, known.colour); line.prepend(dot); }
      item.append(when, body, acts, line);
      return item;
    }));
  };
  const colour = (element, hex) => {
    const tone = toneOf(hex);
    if (tone) element.classList.add("tone-" + tone);
    else if (/^#[0-9a-fA-F]{6}$/.test(hex)) element.style.setProperty("--tone", hex);
  };
  find.addEventListener("input", writeList);
  choose.addEventListener("change", writeList);

  /* tiers as lanes */
  let drawn = [], last = "";
  const drawTiers = (state) => {
    const now = JSON.stringify([state.tiers, state.notes]);
    if (now === last) return;
    last = now;
    for (const lane of drawn) P.dropLane(lane);
    drawn = [];
    for (const old of document.querySelectorAll("#plots .own-group")) old.remove();
    const rows = [...state.tiers, ...(state.notes.some((note) => !note.tier) ? [{ tier: "", colour: "" }] : [])];
    if (!rows.length) return;
    const before = $("playhead");
    before.before(make("h3", "Notes", "group own-group"));
    const least_s = P.data.spine.duration_s / 1500;
    for (const one of rows) {
      const notes = state.notes.filter((note) => note.tier === one.tier), valued = notes.length && notes.every((note) => note.value !== null);
      const label = one.tier || "without tier", row = make("div", undefined, "lane spans " + (valued ? "tall-56" : "tall-28")), side = make("div", undefined, "lane-label");
      const head = make("button", label, "lane-name"), shown = make("span", undefined, "lane-figure");
      head.type = "button";
      head.dataset.tip = label + ": a tier of " + notes.length + (notes.length === 1 ? " note" : " notes") + (valued ? ", drawn by their values" : "") + ".";
      shown.append(make("span", "", "lane-value"));
      side.append(head, " ", shown);
      row.append(side, make("div", undefined, "plot-box"));
      row.classList.add("lane-" + (toneOf(one.colour) || "ink"));
      if (!toneOf(one.colour)) colour(row, one.colour);
      before.before(row);
      const values = valued ? notes.map((note) => note.value) : [], low = Math.min(0, ...values), high = Math.max(...values, low + 1e-9);
      const lane = {
        name: "tier " + one.tier, unit: "", kind: "spans", height_px: valued ? 56 : 28, marks: valued ? [[high, String(high)], [low, String(low)]] : [], linear: true,
        start_s: notes.map((note) => note.start_s), end_s: notes.map((note) => (note.end_s === null ? note.start_s + least_s : note.end_s)),
        labels: notes.map((note) => note.name || note.tags[0] || note.text.slice(0, 60)), tones: notes.map(() => ""), values, doubtful: [], domain: [low, high],
      };
      drawn.push(lane.name);
      P.addLane(lane, row);
    }
  };
  V.follow((state) => {
    $("tiers").replaceChildren(...state.tiers.map((one) => { const made = make("option"); made.value = one.tier; return made; }));
    const used = [...new Set([...Object.values(state.vocabularies).flat(), ...state.notes.flatMap((note) => note.tags)])];
    $("terms").replaceChildren(...used.map((word) => { const made = make("option"); made.value = word; return made; }));
    V.choices(choose, [["", "every tier"], ...state.tiers.map((one) => [one.tier, one.tier])]);
    writeList(); drawTiers(state); drawRegions(); writeReadings(state);
    $("likeness").hidden = !state.tiers.length;
    V.choices($("like-tier"), state.tiers.map((one) => [one.tier, one.tier]));
    V.choices($("like-measure"), state.measures || []);
  });
  $("like-ask").addEventListener("click", async () => {
    $("like-words").textContent = "…";
    const found = await V.ask("correlate?" + new URLSearchParams({ tier: $("like-tier").value, measure: $("like-measure").value }));
    $("like-words").textContent = found ? found.statement : "";
  });

  /* rival readings */
  const rival = $("rival");
  const keepReading = async (reading, evidence, title) => {
    const kept = evidence.map((piece) => Object.fromEntries(Object.entries(piece).filter(([, v]) => v !== null && v !== "")));
    const found = await V.ask("notes", { kind: "reading", title: title || reading.title, evidence: kept, replaces: reading.note_id });
    if (found) V.changed();
  };
  const writeReadings = (state) => {
    rival.replaceChildren(...state.readings.map((reading) => {
      const item = make("article"), sides = make("div", undefined, "sides");
      item.append(make("h3", reading.title));
      for (const side of ["for", "against"]) {
        const column = make("div"), lines = make("ul");
        column.append(make("h4", side === "for" ? "for it" : "against it"));
        reading.evidence.forEach((piece, place) => {
          if (piece.side !== side) return;
          const note = state.notes.find((one) => one.note_id === piece.note), line = make("li");
          line.append(make("span", note ? note.text || note.name || note.tags.join(", ") : piece.statement || "a note that was taken away", "rival-piece"), " ");
          const at = note ? note.start_s : piece.start_s;
          if (at !== null && at !== undefined) line.append(button(P.clock(at), () => P.goTime(at + 1e-4, "click"), "code link"));
          const drop = button("×", () => keepReading(reading, reading.evidence.filter((_, other) => other !== place)), "code link");
          drop.setAttribute("aria-label", "Take this piece of evidence away");
          line.append(" ", drop);
          lines.append(line);
        });
        if (!lines.children.length) lines.append(make("li", "—"));
        column.append(lines);
        sides.append(column);
      }
      const add = make("div", undefined, "acts"), pick = make("select");
      pick.setAttribute("aria-label", "Evidence for or against: " + reading.title);
      V.choices(pick, [["", "a note, or a figure of this page"], ...state.notes.map((note) => ["note " + note.note_id, P.clock(note.start_s) + " " + (note.text || note.name || note.tags.join(", ")).slice(0, 70)]), ...figures().map((said, i) => ["figure " + i, said.text.slice(0, 90)])]);
      const attach = (side) => () => {
        const [kind, id] = pick.value.split(" ");
        if (!kind) { V.tell("Choose a note or a figure first.", true); return; }
        const said = kind === "figure" ? figures()[+id] : null;
        const piece = said ? { side, statement: said.text, start_s: said.frame === null ? null : P.spine.timeOf(said.frame) } : { side, note: id };
        keepReading(reading, [...reading.evidence, piece]);
      };
      add.append(pick, button("speaks for it", attach("for")), button("speaks against it", attach("against")), button("take the reading away", async () => {
        if (await V.ask("undo", { step: reading.note_id })) V.changed();
      }));
      item.append(sides, add);
      return item;
    }));
  };
  let said = null;
  const figures = () => said || (said = [...document.querySelectorAll(".lede, .further li, .table .said, .moments li p:first-of-type, .statements li")].map((line) => {
    const place = (line.closest("li, .table > div") || line).querySelector("[data-frame]");
    return { text: (line.querySelector(".why") || line).textContent.trim().replace(/\s*cite$/, ""), frame: place ? +place.dataset.frame : null };
  }));
  $("rival-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await V.ask("notes", { kind: "reading", title: $("rival-new").value, evidence: [] })) { $("rival-new").value = ""; V.changed(); }
  });
})();
