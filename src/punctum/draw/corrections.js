/* Corrections: of the shot that is shown, of scenes and credits, of names; and doubtful boundaries one after another.
   Conventions: a boundary is told by its time; a frame's time goes out with six decimals, as the tables have it. */
(() => {
  const P = Punctum, V = P.viewer;
  if (!V) return;
  const $ = (id) => document.getElementById(id), { make, button } = V, shots = P.data.shots;
  const KINDS = ["cut", "dissolve", "fade", "wipe"];
  const at = (frame) => P.spine.timeOf(frame).toFixed(6);
  const shotNow = () => P.shotOf(P.moment.frame);
  const send = async (what, done) => {
    const found = await V.ask("correct", { what });
    if (found) { V.tell(done); V.changed(); }
    return Boolean(found);
  };
  V.correct = (what, kind) => {
    const shot = shotNow(), start = shots.start_frame[shot];
    if (what === "cut") return P.moment.frame === start ? V.tell("The shot begins at this frame already.", true) : send("cut " + at(P.moment.frame), "A shot begins here.");
    if (what === "merge") return shot === 0 ? V.tell("Nothing comes before the first shot.", true) : send("merge " + at(start), "Shot " + shot + " is joined with the one before.");
    if (what === "move") {
      /* the boundary nearest to the frame that is shown, this shot's beginning or the next one's */
      const next = shots.start_frame[shot + 1];
      const from = shot === 0 || (next !== undefined && next - P.moment.frame < P.moment.frame - start) ? next : start;
      if (from === undefined) return V.tell("There is no boundary to move.", true);
      return send("move " + at(from) + " " + at(P.moment.frame), "The boundary is moved here.");
    }
    if (what === "retype") return send("retype " + at(start) + " " + kind, "Shot " + shot + " begins with a " + kind + ".");
    return send(what + " " + at(what.includes("credits") ? P.moment.frame : start), what[0].toUpperCase() + what.slice(1) + ": noted.");
  };

  const write = () => {
    const state = V.state;
    if (!state || V.openDesk() !== "correct" || !shots.start_frame.length) return;
    const shot = shotNow(), begins = state.begins[shot] || "cut", scene = state.scenes.filter((one) => one.start_s <= P.moment.time_s + 1e-6).pop();
    $("correct-shot").textContent = "Shot " + shot + " begins at " + P.clock(shots.start_s[shot], 3) + (begins === "open" ? ", with the film." : " with a " + begins + ".");
    const acts = $("correct-acts");
    acts.replaceChildren(button("Divide here (S)", () => V.correct("cut")));
    if (shot > 0) {
      const kinds = make("select");
      kinds.setAttribute("aria-label", "What the shot begins with");
      V.choices(kinds, KINDS.map((kind) => [kind, kind]), begins);
      kinds.addEventListener("change", () => V.correct("retype", kinds.value));
      acts.append(button("Join with the shot before (M)", () => V.correct("merge")), kinds);
    }
    acts.append(button("Move the nearest boundary here", () => V.correct("move")));
    const first = scene && scene.first_shot === shot;
    $("correct-scene").textContent = !scene ? "" : "Scene " + scene.scene + (scene.kind === "story" ? "" : ", " + scene.kind.replace(/_/g, " ")) + (first ? " begins with this shot." : ", since " + P.clock(scene.start_s) + ".");
    const own = $("scene-acts");
    own.replaceChildren();
    if (shot > 0) own.append(first ? button("No scene begins here", () => V.correct("no scene")) : button("A scene begins with this shot", () => V.correct("scene")));
    own.append(scene && (scene.kind === "credits" || scene.kind === "titles") ? button("These are no " + scene.kind, () => V.correct("no credits")) : button("The credits begin here", () => V.correct("credits")));
    writeDoubt();
  };
  V.onOpen.correct = write;
  V.follow(write);
  P.follow((_, from) => { if (from !== "play") write(); });

  /* doubtful boundaries, one after another; those that were answered are not asked again */
  let asking = null, elsewhere = false;
  const answered = new Set();
  const left = () => (V.state ? V.state.doubts.filter((one) => !answered.has(one.start_frame)) : []);
  const writeDoubt = () => {
    const waiting = left(), words = $("doubt-words"), acts = $("doubt-acts");
    acts.replaceChildren();
    if (asking && answered.has(asking.start_frame)) asking = null;
    if (!waiting.length) { words.textContent = answered.size ? "That was the last one." : "There are none."; return; }
    if (!asking) {
      words.textContent = waiting.length === 1 ? "One boundary is doubtful." : waiting.length + " boundaries are doubtful.";
      acts.append(button("Look at them, one after another (D)", () => V.nextDoubt()));
      return;
    }
    if (elsewhere) {
      words.textContent = "Go to the frame where the shot begins.";
      acts.append(button("Here", () => answer("move")), button("Back", () => { elsewhere = false; write(); }));
      return;
    }
    words.textContent = "Does a shot begin at " + P.clock(asking.start_s, 3) + " with a " + asking.begins + "? Of 100 such, " + Math.round(asking.doubt * 100) + " are none. " + (waiting.length === 1 ? "It is the last one." : (waiting.length - 1) + " more.");
    acts.append(button("Yes", () => answer("yes"), "main"), button("No", () => answer("no")), button("Elsewhere", () => { elsewhere = true; write(); }), button("Skip", () => { answered.add(asking.start_frame); V.nextDoubt(); }));
  };
  const answer = async (what) => {
    const one = asking, time = at(one.start_frame);
    const line = what === "no" ? "merge " + time : what === "move" ? "move " + time + " " + at(P.moment.frame) : one.begins === "cut" ? "cut " + time : "retype " + time + " " + one.begins;
    if (!(await send(line, what === "no" ? "No shot begins there." : what === "move" ? "The boundary is moved." : "The shot begins there."))) return;
    answered.add(one.start_frame);
    elsewhere = false;
    V.nextDoubt();
  };
  V.nextDoubt = () => {
    if (V.openDesk() !== "correct") V.open("correct");
    const waiting = left(), place = asking ? waiting.indexOf(asking) : -1;
    asking = waiting[(place + 1) % Math.max(waiting.length, 1)] || null;
    if (asking) P.go(asking.start_frame, "step");
    write();
    const yes = $("doubt-acts").querySelector("button");
    if (yes) yes.focus({ preventScroll: true });
  };
  /* the page is not shown anew between two of them */
  const hold = V.hold;
  V.hold = () => hold() || (Boolean(asking) && V.openDesk() === "correct");

  /* two characters are one; a face is not whose it is said to be */
  const people = () => {
    const acts = $("people-acts");
    if (!acts || !V.state) return;
    const one = make("select"), other = make("select"), names = V.state.characters.map((name) => [name, name]);
    one.setAttribute("aria-label", "This character");
    other.setAttribute("aria-label", "is the same as this one");
    V.choices(one, names, names[0] && names[0][0]);
    V.choices(other, names, names[1] && names[1][0]);
    acts.replaceChildren(one, button("is the same as", () => (one.value === other.value ? V.tell("Choose two.", true) : send("merge " + one.value + " " + other.value, one.value + " and " + other.value + " are one."))), other,
      button("The face here is not theirs", () => send("split " + one.value + " " + at(P.moment.frame), "The face is taken out of " + one.value + ".")));
  };
  V.follow(people);

  /* names */
  const form = $("name-form");
  if (!form) return;
  V.follow((state) => V.choices($("name-old"), state.characters.map((name) => [name, name])));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send("name " + $("name-old").value + " = " + $("name-new").value, $("name-old").value + " is called " + $("name-new").value.trim() + ".");
    $("name-new").value = "";
    $("name-new").blur();
  });
})();
