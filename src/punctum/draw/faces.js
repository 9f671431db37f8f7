/* Faces: drawn on the frame that is shown where one was looked at near it; a small picture of each character.
   Conventions: places are uint16 of the active picture, 65535 = 1; a face is drawn for moments no further than NEAR_S from
   the look, within its shot, and not while the film plays. */
(() => {
  const P = Punctum, SVG = "http://www.w3.org/2000/svg", NEAR_S = 0.3;
  for (const canvas of document.querySelectorAll("canvas.face")) {
    const box = canvas.dataset.box.split(" ").map(Number), image = new Image();
    if (box.length !== 4) continue;
    image.addEventListener("load", () => {
      const [x, y, w, h] = [box[0] * image.naturalWidth, box[1] * image.naturalHeight, box[2] * image.naturalWidth, box[3] * image.naturalHeight];
      const side = Math.max(w, h), cx = x + w / 2, cy = y + h / 2;
      canvas.getContext("2d").drawImage(image, cx - side / 2, cy - side / 2, side, side, 0, 0, canvas.width, canvas.height);
      canvas.classList.add("shown");
    });
    image.src = P.stillAddress(+canvas.dataset.still);
  }
  const data = P.data.faces, over = document.getElementById("faces-over"), toggle = document.getElementById("show-faces"), stage = document.getElementById("stage");
  /* where the active picture lies on the stage */
  const place = () => {
    const w = stage.clientWidth, h = stage.clientHeight, video = document.getElementById("film");
    const still = stage.classList.contains("still");
    const aspect = still || !video || !video.videoWidth ? (still ? P.data.aspect : w / h) : video.videoWidth / video.videoHeight;
    const width = Math.min(w, h * aspect), height = width / aspect, left = (w - width) / 2, top = (h - height) / 2;
    const box = still ? [0, 0, 1, 1] : P.data.box;
    return [left + box[0] * width, top + box[1] * height, box[2] * width, box[3] * height];
  };
  P.picturePlace = place;
  P.facesHere = () => [];
  if (!data || !over || !toggle) return;
  let values = null, starts = null, firsts = [0], wanted = true;
  const lines = [true, false, false, false, true, true, true, true]; /* which parts are closed; nose and brows are not */
  const load = async () => {
    const bytes = await P.inflate(data.pack);
    if (!bytes) return;
    values = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1);
    const marks = data.parts.reduce((a, b) => a + b, 0) * 2;
    starts = [0];
    for (const has of data.marks) starts.push(starts[starts.length - 1] + 14 + (has ? marks : 0));
    firsts = [0];
    for (const n of data.count) firsts.push(firsts[firsts.length - 1] + n);
    draw(P.moment);
  };
  /* the look at faces that stands for a moment: its number, -1 where there is none */
  const nearest = (moment) => {
    const after = P.lastAtMost(data.frames, moment.frame) + 1, shot = P.shotOf(moment.frame);
    let best = -1, away = NEAR_S;
    for (const k of [after - 1, after]) {
      if (data.frames[k] === undefined || P.shotOf(data.frames[k]) !== shot) continue;
      const gap = Math.abs(P.spine.timeOf(data.frames[k]) - moment.time_s);
      if (gap <= away) { best = k; away = gap; }
    }
    return best;
  };
  /* boxes of the faces at a moment: left, top, width, height, shares of the active picture */
  P.facesHere = (moment) => {
    const best = values ? nearest(moment) : -1, found = [];
    for (let i = firsts[best]; best >= 0 && i < firsts[best + 1]; i++) {
      const [x, y, x2, y2] = values.subarray(starts[i], starts[i] + 4);
      found.push([x, y, x2 - x, y2 - y].map((v) => v / 65535));
    }
    return found;
  };
  const draw = (moment, from) => {
    over.replaceChildren();
    if (!wanted || !values || from === "play") return;
    const best = nearest(moment);
    if (best < 0) return;
    const [left, top, width, height] = place();
    over.setAttribute("viewBox", "0 0 " + stage.clientWidth + " " + stage.clientHeight);
    const X = (v) => (left + (v / 65535) * width).toFixed(1), Y = (v) => (top + (v / 65535) * height).toFixed(1);
    const path = (name, d) => { const made = document.createElementNS(SVG, "path"); made.setAttribute("class", name); made.setAttribute("d", d); over.appendChild(made); };
    for (let i = firsts[best]; i < firsts[best + 1]; i++) {
      const at = starts[i], v = values;
      path("box", "M" + X(v[at]) + " " + Y(v[at + 1]) + "H" + X(v[at + 2]) + "V" + Y(v[at + 3]) + "H" + X(v[at]) + "Z");
      let from_ = at + 14;
      if (!data.marks[i]) {
        let dots = "";
        for (let k = 4; k < 14; k += 2) dots += "M" + X(v[at + k]) + " " + Y(v[at + k + 1]) + "h0.01";
        path("dots", dots);
        continue;
      }
      data.parts.forEach((n, part) => {
        let d = "";
        for (let k = 0; k < n; k++) d += (k ? "L" : "M") + X(v[from_ + 2 * k]) + " " + Y(v[from_ + 2 * k + 1]);
        if (part >= lines.length) path("dots", "M" + X(v[from_]) + " " + Y(v[from_ + 1]) + "h0.01");
        else path("line", d + (lines[part] ? "Z" : ""));
        from_ += 2 * n;
      });
    }
  };
  toggle.addEventListener("click", () => {
    wanted = !wanted;
    toggle.setAttribute("aria-pressed", String(wanted));
    toggle.textContent = wanted ? "Faces are drawn" : "Faces are not drawn";
    draw(P.moment);
  });
  P.follow(draw);
  window.addEventListener("resize", () => draw(P.moment));
  load();
})();
