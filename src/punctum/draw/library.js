/* A library's page: cards, sorted and filtered by any measure; lines found in every film; several chosen to compare.
   Conventions: a film without a value of the measure comes last, and is left out where bounds are given. */
"use strict";
(() => {
  const root = document.documentElement, $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const rooms = $("room"), isDark = () => (root.dataset.room ? root.dataset.room === "screening" : matchMedia("(prefers-color-scheme: dark)").matches);
  const nameRoom = () => { rooms.textContent = isDark() ? "Paper" : "Screening"; rooms.setAttribute("aria-label", isDark() ? "Switch to paper, light" : "Switch to screening, dark"); };
  try { const kept = localStorage.getItem("punctum-room"); if (kept === "paper" || kept === "screening") root.dataset.room = kept; } catch { /* as the system */ }
  rooms.addEventListener("click", () => { root.dataset.room = isDark() ? "paper" : "screening"; try { localStorage.setItem("punctum-room", root.dataset.room); } catch { /* this page only */ } nameRoom(); });
  nameRoom();
  const cards = $("cards");
  if (!cards) { root.dataset.ready = String(Math.round(performance.now())); return; }

  const make = (name, text, className) => { const made = document.createElement(name); if (text !== undefined) made.textContent = text; if (className) made.className = className; return made; };
  const clock = (s) => { const whole = Math.round(s), h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60; return h ? h + " h " + m + " min" : m + " min " + (whole % 60) + " s"; };
  const stamp = (s) => { const whole = Math.floor(s); return Math.floor(whole / 3600) + ":" + String(Math.floor(whole / 60) % 60).padStart(2, "0") + ":" + String(whole % 60).padStart(2, "0"); };
  const measures = new Map(data.measures.map((one, i) => [one.name, { ...one, place: i }]));
  const write = (value, unit) => {
    const size = Math.abs(value), digits = size >= 100 || (!unit && Number.isInteger(value)) ? 0 : size >= 10 ? 1 : 2;
    return value.toFixed(digits).replace("-", "−") + (unit ? "\u00a0" + unit : "");
  };
  const valueOf = (film, name) => (name === "title" ? film.title.toLowerCase() : name === "year" ? film.year : name === "duration_s" ? film.duration_s : film.values[measures.get(name).place]);
  const options = (select, pairs) => select.replaceChildren(...pairs.map(([value, text]) => { const one = make("option", text); one.value = value; return one; }));
  const named = data.measures.map((one) => [one.name, one.label + (one.unit ? ", " + one.unit : "")]).sort((a, b) => a[1].localeCompare(b[1]));
  options($("sort"), [["title", "title"], ["year", "year"], ["duration_s", "length"], ...named]);
  options($("measure"), [["", "any value"], ["year", "year"], ["duration_s", "length, s"], ...named]);

  const chosen = new Set();
  const card = (film) => {
    const item = make("li"), link = make("a"), shot = make("span", undefined, "shot"), still = make("img"), bars = make("img", undefined, "bars");
    link.href = "film/" + film.key + "/";
    for (const [image, name] of [[still, "card.jpg"], [bars, "bars.png"]]) { image.alt = ""; image.loading = "lazy"; image.decoding = "async"; image.src = "film/" + film.key + "/" + name; image.addEventListener("error", () => { image.style.visibility = "hidden"; }); }
    shot.append(still);
    const heading = make("h2"), title = make("bdi", film.title);
    heading.append(title);
    link.append(shot, bars, heading);
    const about = [film.director, film.year, clock(film.duration_s), film.coverage === "film" ? "" : "read in part"].filter(Boolean).join(", ");
    item.append(link, make("p", about, "facts"));
    film.measured = make("p", "", "measured");
    const pick = make("label", undefined, "pick"), box = make("input");
    box.type = "checkbox";
    box.setAttribute("aria-label", "Compare " + film.title);
    box.addEventListener("change", () => { if (box.checked) chosen.add(film.key); else chosen.delete(film.key); sayChosen(); });
    pick.append(box, "compare");
    item.append(film.measured, pick);
    return item;
  };
  const sayChosen = () => {
    $("compare").disabled = chosen.size < 2;
    $("compare").textContent = chosen.size < 2 ? "Compare" : "Compare these " + chosen.size;
  };
  $("compare").addEventListener("click", () => { location.href = "library/compare?" + new URLSearchParams([...chosen].map((key) => ["film", key])); });
  for (const film of data.films) film.item = card(film);

  const figures = (film, name) => {
    const shown = [...data.shown, ...(measures.has(name) && !data.shown.includes(name) ? [name] : [])];
    return shown.map((one) => [measures.get(one), film.values[measures.get(one) ? measures.get(one).place : -1]]).filter(([one, value]) => one && value !== null && value !== undefined)
      .map(([one, value]) => one.label + " " + write(value, one.unit)).join(" · ");
  };
  const list = () => {
    const by = $("sort").value, turn = +$("turn").value, sought = $("title-find").value.trim().toLowerCase(), only = $("measure").value;
    $("bounds").hidden = !only;
    $("unit").textContent = only === "duration_s" ? "s" : measures.has(only) ? measures.get(only).unit : "";
    const bound = (id, otherwise) => { const text = $(id).value.trim().replace(",", ".").replace("−", "-"); return text && isFinite(+text) ? +text : otherwise; };
    const least = bound("least", -Infinity), most = bound("most", Infinity);
    const kept = data.films.filter((film) => {
      if (sought && !(film.title + " " + (film.director || "") + " " + (film.year || "")).toLowerCase().includes(sought)) return false;
      if (!only || (least === -Infinity && most === Infinity)) return true;
      const value = valueOf(film, only);
      return value !== null && value !== undefined && value >= least && value <= most;
    });
    const absent = (value) => value === null || value === undefined;
    kept.sort((a, b) => {
      const x = valueOf(a, by), y = valueOf(b, by);
      if (absent(x) || absent(y)) return absent(x) - absent(y);
      return (x < y ? -1 : x > y ? 1 : 0) * turn;
    });
    for (const film of kept) film.measured.textContent = figures(film, by);
    cards.replaceChildren(...kept.map((film) => film.item));
    const hours = kept.reduce((sum, film) => sum + film.duration_s, 0) / 3600;
    $("facts").textContent = kept.length + (kept.length === 1 ? " film" : " films") + (kept.length < data.films.length ? " of " + data.films.length : "") + ", " + (hours < 10 ? hours.toFixed(1) : Math.round(hours)) + " hours";
  };
  for (const id of ["sort", "turn", "measure"]) $(id).addEventListener("change", list);
  for (const id of ["title-find", "least", "most"]) $(id).addEventListener("input", list);

  /* lines, in every film */
  const found = $("lines-found");
  let asked = 0, last = "";
  const look = async () => {
    const text = $("said-find").value.trim();
    if (text === last) return;
    last = text;
    found.hidden = text.length < 2;
    if (found.hidden) return;
    const answer = await fetch("library/words?" + new URLSearchParams({ text })).then((got) => got.json()).catch(() => null);
    if (text !== last) return;
    found.replaceChildren();
    if (!answer || answer.error) { found.append(make("p", answer ? answer.error : "The server does not answer.", "quiet")); return; }
    found.append(make("p", answer.count === 0 ? "No line holds that." : answer.count + (answer.count === 1 ? " line" : " lines") + (answer.count > answer.lines.length ? ", the first " + answer.lines.length + " shown" : ""), "quiet"));
    let film = "";
    for (const line of answer.lines) {
      if (line.key !== film) { film = line.key; const head = make("h3"); head.append(make("bdi", line.title)); found.append(head); }
      const link = make("a");
      link.href = "film/" + line.key + "/#f=" + line.start_frame;
      link.append(make("span", stamp(line.start_s), "code"), make("bdi", line.text));
      found.append(link);
    }
  };
  $("said-find").addEventListener("input", () => { clearTimeout(asked); asked = setTimeout(look, 200); });
  list();
  sayChosen();
  requestAnimationFrame(() => { root.dataset.ready = String(Math.round(performance.now())); });
})();
