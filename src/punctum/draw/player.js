/* The player: the film where the browser can play it, the still of the moment where it cannot; and the keys.
   Conventions: the film is sent to the middle of a frame's time, so that rounding in the file cannot show its
   neighbour; what is on the screen is read back from the frame itself where the browser says which one it shows. */
(() => {
  const P = Punctum;
  const shots = P.data.shots;
  const pictures = P.data.pictures; /* frames that have a still, ascending */
  let cells = null;

  P.stillAddress = (frame) => "stills/" + String(frame).padStart(6, "0") + ".jpg";
  /* the nearest still within the same shot, else the shot's cells */
  P.nearestPicture = (frame) => {
    const shot = P.shotOf(frame);
    const after = P.lastAtMost(pictures, frame) + 1;
    let best = -1;
    for (const k of [after - 1, after]) {
      const still = pictures[k];
      if (still === undefined || still < shots.start_frame[shot] || still >= shots.end_frame[shot]) continue;
      if (best < 0 || Math.abs(still - frame) < Math.abs(best - frame)) best = still;
    }
    return { shot, still: best };
  };
  P.loadCells = async () => {
    const found = await P.inflate(P.data.cells);
    cells = found;
  };
  /* a shot's 16 x 9 cells as a canvas; the browser's smoothing blurs them */
  P.paintCells = (canvas, shot) => {
    if (!cells || cells.length < (shot + 1) * 432) return false;
    canvas.width = 16; canvas.height = 9;
    const paint = canvas.getContext("2d");
    const image = paint.createImageData(16, 9);
    const gamma = (v) => { v = Math.max(0, Math.min(v, 1)); return 255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * Math.pow(v, 1 / 2.4) - 0.055); };
    for (let i = 0; i < 144; i++) {
      const at = shot * 432 + i * 3;
      const L = cells[at] / 255, a = ((cells[at + 1] - 128) / 255) * 0.8, b = ((cells[at + 2] - 128) / 255) * 0.8;
      const l = Math.pow(L + 0.3963377774 * a + 0.2158037573 * b, 3), m = Math.pow(L - 0.1055613458 * a - 0.0638541728 * b, 3),
        s = Math.pow(L - 0.0894841775 * a - 1.291485548 * b, 3);
      image.data[i * 4] = gamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
      image.data[i * 4 + 1] = gamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
      image.data[i * 4 + 2] = gamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s);
      image.data[i * 4 + 3] = 255;
    }
    paint.putImageData(image, 0, 0);
    return true;
  };
  P.showPicture = (box, { shot, still }) => {
    const key = shot + "/" + still;
    if (box.dataset.shown === key) return;
    let canvas = box.querySelector("canvas"), image = box.querySelector("img");
    if (!canvas) { canvas = document.createElement("canvas"); canvas.className = "cells"; box.prepend(canvas); }
    const painted = P.paintCells(canvas, shot);
    box.classList.toggle("has-still", still >= 0);
    if (still >= 0) {
      if (!image) {
        image = document.createElement("img");
        image.alt = ""; image.decoding = "async"; image.draggable = false;
        image.addEventListener("error", () => { image.hidden = true; box.classList.remove("has-still"); });
        image.addEventListener("load", () => { image.hidden = false; box.classList.add("has-still"); });
        canvas.after(image);
      }
      image.src = P.stillAddress(still);
    } else if (image) image.hidden = true;
    if (painted || still >= 0) box.dataset.shown = key;
  };

  const stage = document.getElementById("stage");
  if (!stage) return;
  const video = document.getElementById("film");
  const stand = document.getElementById("stand-in");
  const note = document.getElementById("player-note");
  const playButton = document.getElementById("play");
  const soundButton = document.getElementById("sound");
  const clock = document.getElementById("clock");
  const frameText = document.getElementById("frame-number");
  const shotText = document.getElementById("shot-words");
  const paletteBox = document.getElementById("shot-palette");
  let usable = false, offset_s = 0, wanted = null;
  P.player = { get usable() { return usable; }, get offset_s() { return offset_s; }, video };

  const fail = () => {
    usable = false;
    stage.classList.add("still");
    playButton.disabled = true;
    if (soundButton) soundButton.disabled = true;
    if (note) note.hidden = false;
    P.showPicture(stand, P.nearestPicture(P.moment.frame));
  };
  const targetTime = (frame) => {
    const here = P.spine.timeOf(frame), next = P.spine.timeOf(frame + 1);
    return offset_s + here + Math.max(Math.min(next - here, 0.2), 0.002) / 2;
  };
  const seek = () => {
    if (!usable || wanted === null || video.seeking) return;
    video.currentTime = targetTime(wanted);
    wanted = null;
  };
  P.follow((moment, from) => {
    if (from !== "play") { wanted = moment.frame; seek(); }
    if (!usable) P.showPicture(stand, P.nearestPicture(moment.frame));
    const shot = P.shotOf(moment.frame);
    clock.textContent = P.clock(moment.time_s, 3);
    frameText.textContent = "frame " + moment.frame.toLocaleString("en").replace(/,/g, " ");
    if (shots.start_frame.length) {
      shotText.textContent = "shot " + shot + " of " + shots.start_frame.length + ", " + P.figure(shots.end_s[shot] - shots.start_s[shot], "s");
      if (paletteBox.dataset.shot !== String(shot)) {
        paletteBox.dataset.shot = String(shot);
        paletteBox.replaceChildren();
        const shares = shots.palette_shares[shot];
        shots.palette[shot].forEach((colour, i) => {
          const swatch = document.createElement("span");
          swatch.style.backgroundColor = colour;
          swatch.style.flexGrow = Math.max(shares[i] || 0.2, 0.04);
          swatch.title = colour;
          paletteBox.appendChild(swatch);
        });
      }
    }
  });

  P.player.fail = fail;
  const shown = (_, about) => {
    if (about && !video.paused) P.go(P.spine.frameAt(about.mediaTime - offset_s + 0.002), "play");
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(shown);
  };
  const begin = () => {
    if (usable) return;
    usable = true;
    stage.classList.remove("still");
    playButton.disabled = false;
    if (soundButton) soundButton.disabled = false;
    if (note) note.hidden = true;
    P.go(P.moment.frame, "begin");
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(shown);
  };
  /* called once for each source that is tried; `known_s`: where the film's first frame lies in the player, else found out */
  let attached = 0;
  P.player.attach = (known_s) => {
    const mine = ++attached;
    const settle = () => {
      if (mine !== attached) return;
      if (!video.videoWidth) { fail(); return; }
      if (known_s !== undefined) { offset_s = known_s; begin(); return; }
      /* the first frame's own time stamp in the player: a film need not begin at 0 there */
      if (!video.requestVideoFrameCallback) { begin(); return; }
      let done = false;
      video.requestVideoFrameCallback((_, about) => {
        if (done || mine !== attached) return;
        done = true;
        if (about.mediaTime >= 0 && about.mediaTime < 5) offset_s = about.mediaTime;
        begin();
      });
      video.currentTime = 0;
      setTimeout(() => { if (!done && mine === attached) { done = true; begin(); } }, 700);
    };
    if (video.error) fail();
    else if (video.readyState >= 2) settle();
    else video.addEventListener("loadeddata", settle, { once: true });
  };
  if (video) {
    video.addEventListener("seeked", seek);
    video.addEventListener("error", () => { usable = false; if (!P.player.other || !P.player.other()) fail(); });
    video.addEventListener("play", () => { playButton.setAttribute("aria-pressed", "true"); playButton.textContent = "Pause"; });
    video.addEventListener("pause", () => { playButton.setAttribute("aria-pressed", "false"); playButton.textContent = "Play"; });
    if (!video.requestVideoFrameCallback) video.addEventListener("timeupdate", () => { if (!video.paused) P.goTime(video.currentTime - offset_s, "play"); });
    video.addEventListener("click", () => P.playPause());
  }
  if (!video) fail();
  else if (!P.data.served) P.player.attach();
  P.playPause = () => {
    if (!usable) return;
    if (video.paused) video.play().catch(fail); else video.pause();
  };
  playButton.addEventListener("click", P.playPause);
  if (soundButton) soundButton.addEventListener("click", () => {
    video.muted = !video.muted;
    soundButton.textContent = video.muted ? "Sound is off" : "Sound is on";
    soundButton.setAttribute("aria-pressed", String(!video.muted));
  });

  P.stepFrame = (by) => { if (usable) video.pause(); P.go(P.moment.frame + by, "step"); };
  P.stepShot = (by) => {
    if (usable && !video.paused) video.pause();
    const shot = P.shotOf(P.moment.frame);
    /* back from inside a shot goes to its own beginning first */
    const to = by < 0 && P.moment.frame > shots.start_frame[shot] ? shot : shot + by;
    if (to >= 0 && to < shots.start_frame.length) P.go(shots.start_frame[to], "step");
  };
  for (const button of document.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => {
      const [what, by] = button.dataset.step.split(" ");
      if (what === "shot") P.stepShot(+by); else P.stepFrame(+by);
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by) {
      if (event.shiftKey) P.stepFrame(by); else P.stepShot(by);
      event.preventDefault();
      return;
    }
    /* single letters and signs only where the player or the score has the focus */
    if (!event.target.closest("#film-and-score")) return;
    const act = {
      " ": () => P.playPause(), ",": () => P.stepFrame(-1), ".": () => P.stepFrame(1),
      "+": () => P.zoom(0.5), "=": () => P.zoom(0.5), "-": () => P.zoom(2), "0": () => P.whole(),
      Home: () => P.go(0, "step"), End: () => P.go(P.data.spine.frame_count - 1, "step"),
    }[event.key];
    if (!act || (event.key === " " && event.target.closest("button"))) return;
    act();
    event.preventDefault();
  });
})();
