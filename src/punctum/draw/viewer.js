/* The served page: what it asks of the server, the span that is marked, deep links, citations, keys.
   Conventions: a span is [in, out) in frames, as in the tables; every text that comes back is set as text, never as HTML. */
(() => {
  const P = Punctum;
  if (!P.data.served) return;
  const $ = (id) => document.getElementById(id);
  const V = { state: null, span: null, handlers: [] };
  P.viewer = V;

  /* asking: an answer that is a state is shown; a refusal is told in its own words */
  const told = $("told");
  V.tell = (text, wrong) => { told.textContent = text; told.classList.toggle("wrong", Boolean(wrong)); };
  V.ask = async (path, sent) => {
    const how = sent === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(sent) };
    let answer, found = null;
    try { answer = await fetch(path, how); } catch { V.tell("The server does not answer. `punctum view` may have been stopped.", true); return null; }
    try { found = await answer.json(); } catch { found = null; }
    if (!answer.ok || !found) {
      V.tell(found && found.error ? found.error + (found.hint ? ": " + found.hint : "") + "." : "That did not work (" + answer.status + ").", true);
      return null;
    }
    if (found.seal) V.take(found);
    return found;
  };
  V.follow = (then) => { V.handlers.push(then); if (V.state) then(V.state); };
  V.take = (state) => {
    V.state = state;
    $("undo").disabled = !state.undo;
    $("redo").disabled = !state.redo;
    for (const then of V.handlers) then(state);
    if (state.trouble) V.tell("What was said is kept; working it out went wrong: " + state.trouble, true);
    if (state.working || (V.seal && state.seal !== V.seal)) wait();
    else if (!V.seal) V.seal = state.seal;
  };
  const windows = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("punctum " + location.pathname);
  V.changed = () => { if (windows) windows.postMessage("changed"); };
  if (windows) windows.onmessage = () => V.ask("state");
  document.addEventListener("visibilitychange", () => { if (!document.hidden && V.state) V.ask("state"); });

  /* tables follow a correction: the page is shown anew, where it was; not while somebody writes */
  let waiting = false;
  V.hold = () => false;
  const busy = () => V.hold() || (document.activeElement && document.activeElement.closest("textarea, input[type=text]") && document.activeElement.value);
  const wait = () => {
    if (waiting) return;
    waiting = true;
    const look = async () => {
      const state = await fetch("state").then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
      if (state && !state.working && state.seal !== V.seal) {
        if (busy()) { V.tell("The tables have followed; the page shows them when you are done."); setTimeout(look, 1500); return; }
        keep();
        location.reload();
        return;
      }
      if (state && !state.working) { waiting = false; V.state.working = false; if (state.trouble) V.take(state); return; }
      setTimeout(look, 400);
    };
    if (V.state && V.state.working) V.tell((told.textContent ? told.textContent + " " : "") + "Shots, scenes and figures are worked out again.");
    setTimeout(look, 250);
  };
  const keep = () => {
    try {
      sessionStorage.setItem("punctum " + location.pathname, JSON.stringify({
        frame: P.moment.frame, from_s: P.view.from_s, to_s: P.view.to_s, scroll: scrollY, span: V.span, desk: openDesk, told: told.textContent,
      }));
    } catch { /* storage is refused: the page begins at its beginning */ }
  };

  /* the span that is marked */
  const sayWhere = () => {
    const span = V.span, text = $("chosen-text");
    const whole = span && span[0] !== null && span[1] !== null && span[1] > span[0];
    $("play-chosen").hidden = !whole;
    $("clear-chosen").hidden = !span;
    if (!span) text.textContent = "no span is marked";
    else if (!whole) text.textContent = span[0] === null ? "out at " + P.clock(P.spine.timeOf(span[1]), 3) : "in at " + P.clock(P.spine.timeOf(span[0]), 3);
    else {
      const from = P.spine.timeOf(span[0]), to = P.spine.timeOf(span[1]);
      text.textContent = P.clock(from, 3) + " to " + P.clock(to, 3) + ", " + P.figure(to - from, "s") + ", " + (span[1] - span[0]) + " frames";
    }
    if (whole) P.showChosen(P.spine.timeOf(span[0]), P.spine.timeOf(span[1]));
    else if (span) { const at = P.spine.timeOf(span[0] === null ? span[1] : span[0]); P.showChosen(at, at); }
    else P.showChosen(null, null);
    V.spanChanged && V.spanChanged();
    link();
  };
  V.mark = (from, to) => { V.span = from === null && to === null ? null : [from, to]; sayWhere(); };
  V.wholeSpan = () => (V.span && V.span[0] !== null && V.span[1] !== null && V.span[1] > V.span[0] ? V.span : null);
  const setIn = () => { const to = V.span ? V.span[1] : null; V.mark(P.moment.frame, to !== null && to > P.moment.frame ? to : null); };
  const setOut = () => { const from = V.span ? V.span[0] : null, out = P.moment.frame + 1; V.mark(from !== null && from < out ? from : null, out); };
  const playSpan = () => {
    const span = V.wholeSpan();
    if (!span) return;
    P.go(span[0], "click");
    if (P.player.usable && P.player.video.paused) P.playPause();
    V.until = span[1];
  };
  P.follow((moment, from) => {
    if (from === "play" && V.until && moment.frame >= V.until) { V.until = null; P.player.video.pause(); }
    else if (from !== "play" && from !== "begin" && V.until && moment.frame !== (V.span || [])[0]) V.until = null;
  });
  $("set-in").addEventListener("click", setIn);
  $("set-out").addEventListener("click", setOut);
  $("play-chosen").addEventListener("click", playSpan);
  $("clear-chosen").addEventListener("click", () => V.mark(null, null));

  /* deep links: #f=1440 a frame, #f=1440-1464 a span */
  let linked = 0;
  V.address = () => {
    const span = V.wholeSpan();
    return "f=" + (span ? span[0] + "-" + span[1] : P.moment.frame);
  };
  const link = () => {
    clearTimeout(linked);
    linked = setTimeout(() => { if (!P.player.video || P.player.video.paused) history.replaceState(null, "", "#" + V.address()); }, 250);
  };
  P.follow((_, from) => { if (from !== "play" && from !== "begin") link(); });
  const readLink = () => {
    const found = /^#f=(\d{1,9})(?:-(\d{1,9}))?$/.exec(location.hash);
    if (!found) return false;
    const from = +found[1], to = found[2] === undefined ? null : +found[2];
    if (to !== null && to > from) {
      V.mark(from, to);
      P.showSpan(P.spine.timeOf(from), P.spine.timeOf(to));
    } else if (V.span) V.mark(null, null);
    P.go(from, "click");
    return true;
  };
  window.addEventListener("hashchange", readLink);

  /* the desk: one thing lies open */
  let openDesk = "";
  const desks = ["note", "correct", "cite"];
  V.onOpen = {};
  V.open = (name) => {
    openDesk = name;
    for (const one of desks) {
      $("desk-" + one).hidden = one !== name;
      $("open-" + one).setAttribute("aria-expanded", String(one === name));
    }
    if (name && V.onOpen[name]) V.onOpen[name]();
  };
  V.openDesk = () => openDesk;
  const toggle = (name) => V.open(openDesk === name ? "" : name);
  for (const one of desks) $("open-" + one).addEventListener("click", () => toggle(one));
  for (const button of document.querySelectorAll("[data-close]")) {
    button.addEventListener("click", () => { const name = button.dataset.close.slice(5); V.open(""); $("open-" + name).focus(); });
  }

  /* citations */
  let style = "chicago", cited = null, figure = null;
  const writeCited = () => {
    const box = $("cite-text");
    box.value = cited ? cited[style] : "";
    box.classList.toggle("data", style === "bibtex" || style === "csl-json");
    box.rows = style === "csl-json" ? 12 : style === "bibtex" ? 8 : 5;
  };
  const cite = async () => {
    const span = figure && figure.span ? figure.span : V.wholeSpan() || [P.moment.frame, P.moment.frame + 1];
    const asked = new URLSearchParams();
    if (!figure || !figure.whole) { asked.set("start", span[0]); asked.set("end", span[1]); }
    if (figure && figure.measure) asked.set("measure", figure.measure);
    $("cite-on").textContent = figure && figure.whole ? figure.measure || "The film as a whole" : (figure && figure.measure ? figure.measure + ", " : "") + (span[1] > span[0] + 1 ? "frames " + span[0] + " to " + (span[1] - 1) : "frame " + span[0]);
    const found = await V.ask("cite?" + asked);
    if (found) { cited = found; writeCited(); }
  };
  V.cite = (about) => { figure = about || null; V.open("cite"); };
  V.onOpen.cite = cite;
  V.spanChanged = () => { if (openDesk === "cite" && !figure) cite(); };
  P.follow((_, from) => { if (openDesk === "cite" && from !== "play" && !V.wholeSpan()) { figure = null; cite(); } });
  for (const button of document.querySelectorAll("[data-style]")) {
    button.addEventListener("click", () => {
      style = button.dataset.style;
      for (const other of document.querySelectorAll("[data-style]")) other.setAttribute("aria-pressed", String(other === button));
      writeCited();
    });
  }
  V.copy = async (text, what) => {
    try { await navigator.clipboard.writeText(text); }
    catch {
      const box = document.createElement("textarea");
      box.value = text;
      document.body.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }
    V.tell(what + " is copied.");
  };
  $("cite-copy").addEventListener("click", () => V.copy($("cite-text").value, "The citation"));
  $("cite-link").addEventListener("click", () => V.copy(location.href.split("#")[0] + "#" + V.address(), "The link"));
  $("cite-essay").addEventListener("click", () => {
    const span = V.wholeSpan() || [P.moment.frame, P.moment.frame + 1];
    V.copy((V.state.facts.title || "film") + "@" + span[0] + "-" + span[1], "The address");
  });
  V.follow((state) => {
    for (const name of ["title", "director", "year", "edition"]) {
      const field = $("fact-" + name);
      if (document.activeElement !== field) field.value = state.facts[name] === null ? "" : state.facts[name];
    }
  });
  $("facts-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const sent = { kind: "film" };
    for (const name of ["title", "director", "year", "edition"]) sent[name] = $("fact-" + name).value;
    if (await V.ask("notes", sent)) { V.tell("Kept."); cite(); }
  });
  /* every figure, moment and shot can be cited */
  const citeButton = (after, about, label) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "cite-this";
    button.textContent = "cite";
    button.setAttribute("aria-label", "Cite " + label);
    button.addEventListener("click", (event) => { event.stopPropagation(); V.cite(about()); $("desk-cite").scrollIntoView({ block: "nearest" }); $("cite-copy").focus({ preventScroll: true }); });
    after.append(button);
  };
  for (const row of document.querySelectorAll(".table > div")) {
    const name = row.querySelector("dt").textContent.trim(), value = row.querySelector(".value").textContent.trim();
    citeButton(row.querySelector("dt"), () => ({ measure: name.toLowerCase() + ", " + value, whole: true }), name);
  }
  for (const row of document.querySelectorAll(".further li, .statements li, .lede")) {
    const place = row.querySelector("[data-frame]"), said = (row.querySelector(".why") || row).textContent.trim().replace(/\.$/, "");
    citeButton(row, () => ({ measure: said, whole: !place, span: place ? [+place.dataset.frame, +place.dataset.frame + 1] : null }), said);
  }

  /* shuttling: J and L, pressed again, go faster; backwards the film is stepped */
  let speed = 0, back = 0;
  const shuttle = (by) => {
    clearInterval(back);
    const video = P.player.video;
    if (by === 0 || !P.player.usable) { speed = 0; if (video) { video.pause(); video.playbackRate = 1; } return; }
    speed = Math.sign(speed) === by ? Math.max(-8, Math.min(speed * 2, 8)) : by;
    if (speed > 0) { video.playbackRate = speed; if (video.paused) P.playPause(); }
    else {
      video.pause();
      back = setInterval(() => {
        if (P.moment.frame === 0) { shuttle(0); return; }
        P.goTime(P.moment.time_s + speed * 0.125, "step");
      }, 125);
    }
    V.tell(speed === 1 ? "" : (speed > 0 ? "" : "backwards, ") + Math.abs(speed) + "×");
  };
  const sceneStep = (by) => {
    const scenes = (V.state ? V.state.scenes : []).map((scene) => scene.start_s);
    const at = P.lastAtMost(scenes, P.moment.time_s + 1e-6);
    const to = by < 0 && at >= 0 && P.moment.time_s > scenes[at] + 0.05 ? at : at + by;
    if (scenes[to] !== undefined) P.goTime(scenes[to] + 1e-4, "step");
  };
  const step = (word) => async () => {
    const found = await V.ask(word, {});
    if (found) { V.tell((word === "undo" ? "Undone: " : "Done again: ") + found.what + "."); V.changed(); }
  };
  V.undo = step("undo");
  V.redo = step("redo");
  $("undo").addEventListener("click", V.undo);
  $("redo").addEventListener("click", V.redo);

  V.keys = [
    ["Space", "play, pause", " ", () => P.playPause()],
    ["J", "backwards; again: faster", "j", () => shuttle(-1)],
    ["K", "stop", "k", () => shuttle(0)],
    ["L", "forwards; again: faster", "l", () => shuttle(1)],
    ["← →", "shot by shot; with Shift frame by frame"],
    [", .", "frame by frame"],
    ["[ ]", "scene by scene", null],
    ["Home End", "to the beginning, to the end"],
    ["I", "the span begins here", "i", setIn],
    ["O", "the span ends here", "o", setOut],
    ["P", "play the span", "p", playSpan],
    ["X", "no span", "x", () => V.mark(null, null)],
    ["N", "a note on this frame, or on the span", "n", () => { V.open("note"); $("note-text").focus(); }],
    ["R", "draw a region for the note", "r", () => V.drawRegion()],
    ["F", "the note is on a face; again: the next", "f", () => V.nextFace()],
    ["C", "correct this shot", "c", () => toggle("correct")],
    ["S", "divide the shot here", "s", () => V.correct("cut")],
    ["M", "join the shot with the one before", "m", () => V.correct("merge")],
    ["D", "the next doubtful boundary", "d", () => V.nextDoubt()],
    ["Y", "cite", "y", () => (openDesk === "cite" ? V.open("") : V.cite())],
    ["Z", "undo; with Shift: redo", "z", V.undo],
    ["+ −", "closer, further", null],
    ["0", "the whole film", "0", () => P.whole()],
    ["/", "find in the words", "/", () => { const find = $("find"); if (find) { find.focus(); find.scrollIntoView({ block: "center" }); } }],
    ["?", "this list", "?", () => $("keys").showModal()],
    ["Esc", "close what lies open"],
  ];
  const more = {
    ",": () => P.stepFrame(-1), ".": () => P.stepFrame(1), "[": () => sceneStep(-1), "]": () => sceneStep(1),
    "+": () => P.zoom(0.5), "=": () => P.zoom(0.5), "-": () => P.zoom(2), Z: V.redo,
    Home: () => P.go(0, "step"), End: () => P.go(P.data.spine.frame_count - 1, "step"),
  };
  for (const [, , key, act] of V.keys) if (key && act) more[key] = act;
  for (const [shown, meaning] of V.keys) {
    const row = document.createElement("div"), term = document.createElement("dt"), words = document.createElement("dd");
    for (const one of shown.split(" ")) { const key = document.createElement("kbd"); key.textContent = one; term.append(key, " "); }
    words.textContent = meaning;
    row.append(term, words);
    $("keys-list").append(row);
  }
  const keysOn = $("keys-on");
  try { keysOn.checked = localStorage.getItem("punctum-keys") !== "off"; } catch { /* as they are */ }
  keysOn.addEventListener("change", () => { try { localStorage.setItem("punctum-keys", keysOn.checked ? "on" : "off"); } catch { /* for this page only */ } });
  $("open-keys").addEventListener("click", () => $("keys").showModal());
  $("close-keys").addEventListener("click", () => $("keys").close());
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (event.key === "Escape") {
      if ($("keys").open) return;
      if (V.cancelRegion && V.cancelRegion()) return;
      if (openDesk) { const name = openDesk; V.open(""); $("open-" + name).focus(); }
      return;
    }
    if ($("keys").open) return;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "z" && !typing) {
      event.preventDefault();
      if (event.shiftKey) V.redo(); else V.undo();
      return;
    }
    if (event.altKey || event.ctrlKey || event.metaKey || typing) return;
    if (event.key === " " && event.target.closest("button, a, summary, [role=slider]")) return;
    if (event.key.length === 1 && event.key !== " " && event.key !== "?" && !keysOn.checked) return;
    const act = more[event.key] || (event.key.length === 1 && !event.shiftKey ? more[event.key.toLowerCase()] : null);
    if (!act) return;
    event.preventDefault();
    act();
  });

  P.startViewer = async () => {
    let before = null;
    try { before = JSON.parse(sessionStorage.getItem("punctum " + location.pathname)); sessionStorage.removeItem("punctum " + location.pathname); } catch { before = null; }
    if (before) {
      if (before.span) V.mark(before.span[0], before.span[1]);
      P.go(before.frame, "begin");
      P.score.setView(before.from_s, before.to_s - before.from_s);
      scrollTo({ top: before.scroll, behavior: "instant" });
    } else readLink();
    P.startPlayback && P.startPlayback();
    await V.ask("state");
    if (before) { V.open(before.desk); V.tell((before.told || "").replace(/ ?Shots, scenes and figures are worked out again\./, " The tables have followed.").trim()); }
    if (V.state && V.state.library) $("to-library").hidden = false;
    document.documentElement.dataset.viewer = "ready";
  };
})();
