/* Two films in step: of each aligned pair both shots begin together and end together; where a film cannot be played,
   its stills step in its place. Times are seconds of each film. */
(() => {
  const clock = (t) => {
    const whole = Math.floor(t + 1e-6), tenth = Math.floor((t - whole) * 10 + 1e-6);
    const h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60, s = String(whole % 60).padStart(2, "0");
    return (h ? h + ":" + String(m).padStart(2, "0") : m) + ":" + s + "." + Math.max(tenth, 0);
  };
  const stopOthers = [];
  for (const echo of document.querySelectorAll(".echo")) {
    const steps = JSON.parse(echo.dataset.steps);
    const button = echo.querySelector(".play-both"), note = echo.querySelector(".note"), hear = echo.querySelector(".hear");
    if (!steps.length) { echo.querySelector(".step").hidden = true; continue; }
    const rows = [...echo.querySelectorAll(".pairs li")];
    const sides = ["here", "there"].map((name, at) => {
      const figure = echo.querySelector('.side[data-side="' + name + '"]');
      const video = figure.querySelector("video"), image = figure.querySelector(".screen img"), now = figure.querySelector(".now");
      const stills = rows.flatMap((row) => [...row.children[at].querySelectorAll("img")]).map((img) => ({ at: Number(img.dataset.at), src: img.src }));
      return { figure, video, image, now, stills, at, broken: !video, title: figure.querySelector("cite").textContent };
    });
    let pair = 0, share = 0, running = false, last = 0, heard = sides[0].broken ? 1 : 0;
    const span = (side, k) => [steps[k][2 * side.at], steps[k][2 * side.at + 1]];
    const timeOf = (side) => { const [a, b] = span(side, pair); return a + (b - a) * share; };
    const showStill = (side) => {
      side.figure.classList.remove("playing");
      let best = null;
      for (const still of side.stills) if (best === null || still.at <= timeOf(side) + 1e-3) best = still;
      if (best && side.image && side.image.src !== best.src) side.image.src = best.src;
    };
    const show = () => {
      for (const side of sides) {
        side.now.textContent = clock(timeOf(side));
        if (side.broken || !running) showStill(side); else side.figure.classList.add("playing");
      }
      rows.forEach((row, k) => (k === pair && (running || share > 0 || pair > 0) ? row.setAttribute("aria-current", "true") : row.removeAttribute("aria-current")));
    };
    const seek = () => sides.forEach((side) => { if (!side.broken) side.video.currentTime = timeOf(side) + 1e-3; });
    const setRates = () => sides.forEach((side) => {
      if (side.broken) return;
      const [a, b] = span(side, pair), [c, d] = span(sides[0], pair);
      side.video.playbackRate = Math.min(4, Math.max(0.25, (b - a) / Math.max(d - c, 1e-3)));
      side.video.muted = side.at !== heard;
    });
    const pause = () => {
      running = false;
      sides.forEach((side) => side.broken || side.video.pause());
      button.textContent = "Play both"; button.setAttribute("aria-pressed", "false");
    };
    const tick = (stamp) => {
      if (!running) return;
      const [a, b] = span(sides[0], pair), master = sides.find((side) => !side.broken);
      if (master) {
        const [c, d] = span(master, pair);
        share = Math.min(1, Math.max(share, (master.video.currentTime - c) / Math.max(d - c, 1e-3)));
      } else share = Math.min(1, share + (stamp - last) / 1000 / Math.max(b - a, 1e-3));
      last = stamp;
      for (const side of sides) if (!side.broken && side !== master && Math.abs(side.video.currentTime - timeOf(side)) > 0.2 && !side.video.seeking) side.video.currentTime = timeOf(side);
      if (share >= 1) {
        if (pair + 1 >= steps.length) { show(); pause(); pair = 0; share = 0; return; }
        pair += 1; share = 0; setRates(); seek();
      }
      show();
      requestAnimationFrame(tick);
    };
    const play = () => {
      stopOthers.forEach((stop) => stop !== pause && stop());
      running = true; last = performance.now();
      button.textContent = "Pause"; button.setAttribute("aria-pressed", "true");
      setRates(); seek();
      sides.forEach((side) => side.broken || side.video.play().catch(() => fail(side)));
      show(); requestAnimationFrame(tick);
    };
    const fail = (side) => {
      if (!side.broken) { side.broken = true; side.figure.classList.remove("playing"); }
      const gone = sides.filter((one) => one.broken).map((one) => one.title);
      note.hidden = false;
      note.textContent = gone.length === 2 ? "Neither film can be played here; their stills step instead." : gone[0] + " cannot be played here; its stills step instead.";
      hear.hidden = true;
      if (!sides[heard] || sides[heard].broken) heard = 1 - heard;
    };
    sides.forEach((side) => { if (side.broken) fail(side); else side.video.addEventListener("error", () => { fail(side); show(); }); });
    button.addEventListener("click", () => (running ? (pause(), show()) : play()));
    echo.querySelector(".again").addEventListener("click", () => { pair = 0; share = 0; if (running) { setRates(); seek(); } show(); });
    hear.addEventListener("click", () => { heard = 1 - heard; hear.textContent = "Sound: " + sides[heard].title; setRates(); });
    rows.forEach((row, k) => row.addEventListener("click", () => { pair = k; share = 0; if (running) { setRates(); seek(); } show(); }));
    stopOthers.push(pause);
    sides.forEach((side) => (side.now.textContent = ""));
  }
  document.documentElement.dataset.ready = String(performance.now());
})();
