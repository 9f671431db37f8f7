/* The score: lanes under one time axis, whatever lanes the page was given.
   Conventions: x in CSS pixels from the left of the plots; the view is [from_s, to_s). At narrow widths the playhead
   stands still in the middle and the lanes move under it; at wide ones it moves over them. */
(() => {
  const P = Punctum;
  const score = document.getElementById("score");
  const SVG = "http://www.w3.org/2000/svg";
  const duration = Math.max(P.data.spine.duration_s, 0.001);
  const bins = P.data.bins;
  const GAP_S = P.data.gap_s;
  const view = { from_s: 0, to_s: duration };
  P.view = view;

  /* the moment everything shows; `go` moves it, and whoever listens follows */
  const moment = { frame: P.data.opening_frame, time_s: P.spine.timeOf(P.data.opening_frame) };
  const followers = [];
  P.moment = moment;
  P.follow = (then) => followers.push(then);
  P.go = (frame, from) => {
    moment.frame = Math.max(0, Math.min(Math.round(frame), Math.max(P.data.spine.frame_count - 1, 0)));
    moment.time_s = P.spine.timeOf(moment.frame);
    for (const then of followers) then(moment, from);
  };
  P.goTime = (time_s, from) => P.go(P.spine.frameAt(Math.max(0, Math.min(time_s, duration))), from);
  P.shotOf = (frame) => Math.max(P.lastAtMost(P.data.shots.start_frame, frame), 0);

  if (!score) return;

  const withRow = (lane, row) => ({ ...lane, row, plot: row.querySelector(".plot-box"), value: row.querySelector(".lane-value"), seen: true });
  const lanes = P.data.lanes.map((lane, i) => withRow(lane, document.getElementById("lane-" + i)));
  P.laneNamed = (name) => lanes.find((lane) => lane.name === name);
  const axis = document.getElementById("axis");
  const plots = document.getElementById("plots");
  const playhead = document.getElementById("playhead");
  const hover = document.getElementById("hover");
  const hoverTime = document.getElementById("hover-time");
  const windowBox = document.getElementById("window");
  const overview = document.getElementById("overview");
  /* titles and credits: a shade over all lanes */
  const shades = (P.data.shaded || []).map(([from, to]) => {
    const box = document.createElement("div");
    box.className = "shade";
    playhead.parentNode.insertBefore(box, playhead);
    return { from, to, box };
  });
  /* a span that was chosen, where there are means to choose one */
  const chosen = { from: null, to: null, box: document.createElement("div") };
  chosen.box.id = "chosen";
  chosen.box.hidden = true;
  playhead.parentNode.insertBefore(chosen.box, playhead);
  P.showChosen = (from, to) => { chosen.from = from; chosen.to = to; P.redraw(); };
  const overviewHead = document.getElementById("overview-head");
  let width = 600, labelWidth = 0, held = false, moving = false;

  const element = (name, attributes, parent) => {
    const made = document.createElementNS(SVG, name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (parent) parent.appendChild(made);
    return made;
  };
  const xOf = (time_s) => ((time_s - view.from_s) / (view.to_s - view.from_s)) * width;
  const timeAt = (x) => view.from_s + (x / width) * (view.to_s - view.from_s);
  P.clock = (time_s, decimals) => {
    const unit = Math.pow(10, decimals || 0);
    const whole = Math.floor(time_s * unit + 1e-6);
    const s = Math.floor(whole / unit), rest = whole % unit;
    const h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
    const text = (h || duration >= 3600 ? h + ":" + String(m).padStart(2, "0") : String(m)) + ":" + String(s % 60).padStart(2, "0");
    return decimals ? text + "." + String(rest).padStart(decimals, "0") : text;
  };
  P.figure = (value, unit) => {
    if (value === null || !isFinite(value)) return "—";
    const size = Math.abs(value);
    const digits = unit === "dB" || unit === "LUFS" || unit === "LU" ? 1 : size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.0995 || size < 0.0005 ? 2 : 3;
    return value.toFixed(digits).replace("-", "−") + (unit ? " " + unit : "");
  };

  const drawCurve = (lane, height) => {
    const [qlow, qhigh] = lane.range, [low, high] = lane.domain;
    const yOf = (step) => {
      const value = qlow + (step / P.STEPS) * (qhigh - qlow);
      const share = Math.max(0, Math.min((value - low) / (high - low), 1));
      return height - 3 - share * (height - 6);
    };
    const few = lane.detail && lane.detail.steps.length <= bins;
    const fine = few || (view.to_s - view.from_s) / width < (duration / bins) * 0.9;
    const across = moving ? width / 2 : width;
    const points = lane.detail && fine ? P.detailPoints(lane, view, across) : P.overviewPoints(lane, view, across);
    const lines = [], bands = [];
    const shown = points.reduce((n, p) => n + (p ? 1 : 0), 0);
    const raw = lane.detail && fine && shown < width / 2;
    let run = [], last = null;
    const close = () => {
      if (!run.length) return;
      const smooth = raw ? run.map((p) => p.mean) : P.smoothed(run, view, width);
      let line = "", up = "", down = "";
      run.forEach((p, i) => {
        const x = p.x.toFixed(1);
        line += (i ? "L" : "M") + x + " " + yOf(smooth[i]).toFixed(1);
        up += (i ? "L" : "M") + x + " " + (yOf(p.high) - 0.4).toFixed(1);
        down = "L" + x + " " + (yOf(p.low) + 0.4).toFixed(1) + down;
      });
      lines.push(run.length === 1 ? line + "h0.01" : line);
      if (!raw && !moving) bands.push(up + down + "Z");
      run = [];
    };
    for (const point of points) {
      if (!point || (last && point.time_s - last.time_s > GAP_S)) close();
      last = point;
      if (!point) continue;
      point.x = xOf(point.time_s);
      run.push(point);
    }
    close();
    lane.band.setAttribute("d", bands.join(""));
    lane.line.setAttribute("d", lines.join(""));
    if (raw && shown < width / 7) {
      lane.dots.setAttribute("d", points.map((p) => (p ? "M" + xOf(p.time_s).toFixed(1) + " " + yOf(p.mean).toFixed(1) + "h0.01" : "")).join(""));
    } else lane.dots.setAttribute("d", "");
  };
  const drawMarks = (lane, height) => {
    lane.marks_group.replaceChildren();
    const [low, high] = lane.domain;
    for (const [value, name] of lane.marks || []) {
      const share = lane.kind === "spans" && !lane.linear ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
      if (!(share >= 0 && share <= 1)) continue;
      const y = (height - 3 - share * (height - 6)).toFixed(1);
      element("line", { class: "hair", x1: 0, x2: width, y1: y, y2: y }, lane.marks_group);
      const text = element("text", { class: "mark-name", x: width - 2, y: Math.max(+y - 3, 9), "text-anchor": "end" }, lane.marks_group);
      text.textContent = name;
    }
  };
  const visible = (lane) => {
    const first = Math.max(P.lastAtMost(lane.end_s, view.from_s), 0);
    const last = Math.min(P.lastAtMost(lane.start_s, view.to_s) + 1, lane.start_s.length);
    return [first, last];
  };
  /* the mean of the logarithms over a twentieth of all items around each, at least five; none where there are few */
  const runningMean = (values) => {
    const reach = Math.max(Math.round(values.length / 40), 2);
    if (values.length < 12) return [];
    const sums = [0];
    for (const value of values) sums.push(sums[sums.length - 1] + Math.log(value));
    return values.map((_, i) => {
      const from = Math.max(i - reach, 0), to = Math.min(i + reach + 1, values.length);
      return (sums[to] - sums[from]) / (to - from);
    });
  };
  const drawSpans = (lane, height) => {
    const [first, last] = visible(lane);
    lane.group_box.replaceChildren();
    if (lane.values.length) {
      const [low, high] = lane.domain;
      let path = "";
      for (let i = first; i < last; i++) {
        const share = Math.max(0, Math.min(lane.linear ? (lane.values[i] - low) / (high - low) : Math.log(lane.values[i] / low) / Math.log(high / low), 1));
        const x = Math.max(xOf(lane.start_s[i]), -2), end = Math.min(xOf(lane.end_s[i]), width + 2);
        const y = (height - 1 - share * (height - 6)).toFixed(1);
        path += "M" + x.toFixed(1) + " " + height + "V" + y + "H" + Math.max(end - (end - x > 3 ? 1 : 0), x + 0.5).toFixed(1) + "V" + height + "Z";
      }
      element("path", { class: "bars", d: path }, lane.group_box);
      const trend = lane.linear ? [] : lane.trend || (lane.trend = runningMean(lane.values));
      let line = "";
      for (let i = Math.max(first - 1, 0); trend.length && i < Math.min(last + 1, trend.length); i++) {
        const y = height - 1 - Math.max(0, Math.min((trend[i] - Math.log(low)) / Math.log(high / low), 1)) * (height - 6);
        line += (line ? "L" : "M") + xOf((lane.start_s[i] + lane.end_s[i]) / 2).toFixed(1) + " " + y.toFixed(1);
      }
      element("path", { class: "trend", d: line }, lane.group_box);
      return;
    }
    if (last - first > width / 3) {
      let path = "", edge = -9;
      for (let i = first; i < last; i++) {
        const x = xOf(lane.start_s[i]);
        if (x - edge < 0.7) continue;
        path += "M" + x.toFixed(1) + " 4V" + (height - 4);
        edge = x;
      }
      element("path", { class: "cuts", d: path }, lane.group_box);
      /* too many for boxes; those that stand out still do */
      const out = lane.start_s.slice(first, last).filter((_, i) => lane.tones[first + i] === "accent");
      if (out.length) element("path", { class: "cuts tone-accent", d: out.map((s) => "M" + xOf(s).toFixed(1) + " 1V" + (height - 1)).join("") }, lane.group_box);
      return;
    }
    for (let i = first; i < last; i++) {
      const x = Math.max(xOf(lane.start_s[i]), -4), end = Math.min(xOf(lane.end_s[i]), width + 4);
      const tone = lane.tones[i] ? " tone-" + lane.tones[i] : "";
      element("rect", {
        class: "span" + (i % 2 ? " odd" : "") + (lane.doubtful[i] ? " doubtful" : "") + tone,
        x: (x + 0.5).toFixed(1), y: 3, width: Math.max(end - x - 1, 0.6).toFixed(1), height: height - 6, rx: 1.5,
      }, lane.group_box);
      const label = lane.labels[i];
      if (label && end - x > 7 + label.length * 6.6) {
        const text = element("text", { class: "span-name" + (lane.doubtful[i] ? " doubtful" : ""), x: (Math.max(x, 0) + 5).toFixed(1), y: height / 2 + 4 }, lane.group_box);
        text.textContent = label;
      }
    }
  };
  const drawTicks = (lane, height) => {
    lane.group_box.replaceChildren();
    let path = "", edge = -99;
    for (let i = 0; i < lane.at_s.length; i++) {
      const x = xOf(lane.at_s[i]);
      if (x < -1 || x > width + 1) continue;
      path += "M" + x.toFixed(1) + " 2V" + (height - 2);
      const label = lane.labels[i];
      if (label && x > edge) {
        const text = element("text", { class: "span-name", x: (x + 4).toFixed(1), y: height / 2 + 4 }, lane.group_box);
        text.textContent = label;
        edge = x + 10 + label.length * 6.6;
      }
    }
    element("path", { class: "cuts", d: path }, lane.group_box);
  };
  const drawBarcode = (lane, height) => {
    const canvas = lane.canvas;
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    const w = Math.round(width * scale), h = Math.round(height * scale);
    if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
    const paint = canvas.getContext("2d");
    const image = lane.image;
    paint.clearRect(0, 0, w, h);
    const pixel_s = (view.to_s - view.from_s) / width;
    if (lane.detail && pixel_s < (duration / image.naturalWidth) * 0.5) {
      const { n, planes } = lane.detail, times = P.spine.times;
      const first = Math.max(P.lastAtMost(times, view.from_s), 0), last = Math.min(P.lastAtMost(times, view.to_s) + 1, n);
      if (last - first > w) {
        /* more frames than pixels: one row of pixels, each with the frame that is shown there, stretched */
        const row = paint.createImageData(w, 1), per = (view.to_s - view.from_s) / w;
        for (let x = 0, i = first; x < w; x++) {
          const at = view.from_s + (x + 0.5) * per;
          while (i + 1 < last && times[i + 1] <= at) i++;
          if (at < 0 || at > duration) continue;
          row.data[x * 4] = planes[i]; row.data[x * 4 + 1] = planes[n + i]; row.data[x * 4 + 2] = planes[2 * n + i]; row.data[x * 4 + 3] = 255;
        }
        paint.putImageData(row, 0, 0);
        paint.drawImage(canvas, 0, 0, w, 1, 0, 0, w, h);
        return;
      }
      for (let i = first; i < last; i++) {
        const x = xOf(times[i]) * scale, end = i + 1 < n ? xOf(times[i + 1]) * scale : w;
        paint.fillStyle = "rgb(" + planes[i] + "," + planes[n + i] + "," + planes[2 * n + i] + ")";
        paint.fillRect(Math.floor(x), 0, Math.max(Math.ceil(end) - Math.floor(x), 1), h);
      }
      return;
    }
    if (!image.complete || !image.naturalWidth) return;
    const from = Math.max(view.from_s, 0), to = Math.min(view.to_s, duration);
    paint.drawImage(image, (from / duration) * image.naturalWidth, 0, ((to - from) / duration) * image.naturalWidth, image.naturalHeight,
      xOf(from) * scale, 0, (xOf(to) - xOf(from)) * scale, h);
  };
  const drawStrip = (lane, height) => {
    const each = Math.max(height * P.data.aspect, 24) + 2;
    const from = Math.floor(Math.max(xOf(0), 0) / each), n = Math.ceil(width / each);
    const wanted = [];
    for (let i = from; i < n; i++) {
      if (timeAt(i * each) >= duration || timeAt((i + 1) * each) <= 0) continue;
      const time_s = Math.max(0, Math.min(timeAt((i + 0.5) * each), duration - 1e-3));
      wanted.push([i, P.nearestPicture(P.spine.frameAt(time_s))]);
    }
    while (lane.pool.length < wanted.length) {
      const box = document.createElement("span");
      box.className = "strip-frame";
      lane.plot.appendChild(box);
      lane.pool.push(box);
    }
    lane.pool.forEach((box, k) => {
      box.hidden = k >= wanted.length;
      if (box.hidden) return;
      box.style.left = wanted[k][0] * each + "px";
      box.style.width = each - 2 + "px";
      P.showPicture(box, wanted[k][1]);
    });
  };

  const STEPS_S = [0.04, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
  const drawAxis = () => {
    const span_s = view.to_s - view.from_s;
    const step = STEPS_S.find((s) => (s / span_s) * width > 76) || 14400;
    axis.setAttribute("viewBox", "0 0 " + width + " 24");
    axis.replaceChildren();
    const rough = P.data.rough;
    let read = "", skim = "";
    for (const [from, to, dense] of rough) {
      const x = Math.max(xOf(from), 0), end = Math.min(xOf(to), width);
      if (end > x) { const part = "M" + x.toFixed(1) + " 22.5H" + end.toFixed(1); if (dense) read += part; else skim += part; }
    }
    element("path", { class: "axis-read", d: read }, axis);
    element("path", { class: "axis-skim", d: skim }, axis);
    for (let i = Math.max(Math.ceil(view.from_s / step - 1e-9), 0); i * step <= Math.min(view.to_s, duration) + 1e-9; i++) {
      const x = xOf(i * step);
      element("line", { class: "hair", x1: x.toFixed(1), x2: x.toFixed(1), y1: 17, y2: 22 }, axis);
      const anchor = x < 18 ? "start" : x > width - 24 ? "end" : "middle";
      const text = element("text", { class: "tick", x: x.toFixed(1), y: 13, "text-anchor": anchor }, axis);
      text.textContent = P.clock(i * step, step < 0.1 ? 2 : step < 1 ? 1 : 0);
    }
  };

  const valueAt = (lane) => {
    if (lane.kind === "curve") {
      let step = P.ABSENT;
      if (lane.detail) {
        const at = P.lastAtMost(lane.detail.times, moment.time_s + 1e-6);
        if (at >= 0 && moment.time_s - lane.detail.times[at] < GAP_S) step = lane.detail.steps[at];
      } else step = Math.round(lane.overview.mean[Math.min(Math.floor((moment.time_s / duration) * bins), bins - 1)]);
      if (step > P.STEPS) return "—";
      return P.figure(lane.range[0] + (step / P.STEPS) * (lane.range[1] - lane.range[0]), "");
    }
    if (lane.kind === "spans") {
      const at = P.lastAtMost(lane.start_s, moment.time_s + 1e-6);
      if (at < 0 || lane.end_s[at] <= moment.time_s) return "";
      return lane.values.length ? P.figure(lane.values[at], "") : lane.labels[at] || "";
    }
    return "";
  };

  /* what a dash means at this moment */
  const whyNot = () => {
    const part = P.data.rough.find(([from, to]) => moment.time_s >= from && moment.time_s < to);
    return part && !part[2] ? "Not measured here: this part was read by its key frames only." : "Not measured at this frame: there is nothing to tell it from.";
  };

  /* while the view moves, curves have half their points and no bands, and the strip follows a few times a second */
  const STILL_MS = 130;
  let asked = false, drawnAt = 0, stripAt = 0, rest = 0;
  const draw = () => {
    asked = false;
    const now = performance.now();
    moving = now - drawnAt < STILL_MS;
    drawnAt = now;
    clearTimeout(rest);
    if (moving) rest = setTimeout(() => { drawnAt = 0; P.redraw(); }, STILL_MS);
    plots.classList.toggle("moving", moving);
    const strips = !moving || now - stripAt > STILL_MS;
    if (strips) stripAt = now;
    for (const lane of lanes) {
      if (!lane.seen) continue;
      const height = lane.height_px;
      if (lane.svg) lane.svg.setAttribute("viewBox", "0 0 " + width + " " + height);
      if (lane.kind === "curve") { drawMarks(lane, height); drawCurve(lane, height); }
      else if (lane.kind === "spans") { drawSpans(lane, height); drawMarks(lane, height); }
      else if (lane.kind === "ticks") drawTicks(lane, height);
      else if (lane.kind === "barcode") drawBarcode(lane, height);
      else if (lane.kind === "strip" && strips) drawStrip(lane, height);
    }
    for (const shade of shades) {
      const x = Math.max(xOf(shade.from), 0), end = Math.min(xOf(shade.to), width);
      shade.box.hidden = end <= x;
      shade.box.style.left = labelWidth + x + "px";
      shade.box.style.width = Math.max(end - x, 0) + "px";
    }
    if (chosen.from === null) chosen.box.hidden = true;
    else {
      const x = Math.max(xOf(chosen.from), 0), end = Math.min(xOf(chosen.to), width);
      chosen.box.hidden = end < x;
      chosen.box.style.left = labelWidth + x + "px";
      chosen.box.style.width = Math.max(end - x, 1) + "px";
    }
    drawAxis();
    drawHead();
  };
  P.redraw = () => { if (!asked) { asked = true; requestAnimationFrame(draw); } };
  P.drawNow = draw;
  const drawHead = () => {
    const x = xOf(moment.time_s);
    playhead.hidden = x < -1 || x > width + 1;
    playhead.style.transform = "translateX(" + (labelWidth + x) + "px)";
    if (overview) {
      const box = overview.clientWidth;
      overviewHead.style.transform = "translateX(" + (moment.time_s / duration) * box + "px)";
      const from = Math.max(view.from_s, 0), to = Math.min(view.to_s, duration);
      windowBox.hidden = to - from > duration * 0.995;
      windowBox.style.left = (from / duration) * 100 + "%";
      windowBox.style.width = ((to - from) / duration) * 100 + "%";
    }
    for (const lane of lanes) {
      const text = valueAt(lane);
      if (lane.value.textContent === text) continue;
      lane.value.textContent = text;
      if (text === "—") { lane.value.dataset.tip = whyNot(); lane.value.tabIndex = 0; }
      else { delete lane.value.dataset.tip; lane.value.removeAttribute("tabindex"); }
    }
    overview.setAttribute("aria-valuenow", moment.time_s.toFixed(2));
    overview.setAttribute("aria-valuetext", P.clock(moment.time_s, 1));
  };

  /* the view */
  const least_s = () => Math.min(duration, Math.max((24 * duration) / Math.max(P.data.spine.frame_count, 24), 0.2));
  const setView = (from_s, span_s) => {
    span_s = Math.max(least_s(), Math.min(span_s, duration));
    if (held) from_s = moment.time_s - span_s / 2;
    else from_s = Math.max(0, Math.min(from_s, duration - span_s));
    view.from_s = from_s;
    view.to_s = from_s + span_s;
    P.redraw();
  };
  P.zoom = (factor, at_s) => {
    const centre = at_s === undefined ? moment.time_s : at_s;
    const span_s = (view.to_s - view.from_s) * factor;
    const share = Math.max(0, Math.min((centre - view.from_s) / (view.to_s - view.from_s), 1));
    setView(centre - share * Math.max(least_s(), Math.min(span_s, duration)), span_s);
  };
  P.whole = () => setView(0, duration);
  P.showSpan = (from_s, to_s) => { const room = (to_s - from_s) * 0.15; setView(from_s - room, to_s - from_s + 2 * room); };
  P.follow((_, from) => {
    const span_s = view.to_s - view.from_s;
    if (held) setView(0, span_s);
    else if (from !== "scrub" && (moment.time_s < view.from_s || moment.time_s > view.to_s)) {
      setView(from === "play" ? moment.time_s - span_s * 0.05 : moment.time_s - span_s / 2, span_s);
    }
    if (!asked) drawHead();
  });

  /* for hands.js */
  P.score = {
    plots, overview, hover, hoverTime, timeAt, setView, duration,
    get held() { return held; }, get width() { return width; }, get labelWidth() { return labelWidth; },
  };

  const measure = () => {
    const narrow = score.clientWidth < 560;
    labelWidth = narrow ? 0 : Math.round(lanes.length ? lanes[0].plot.getBoundingClientRect().left - plots.getBoundingClientRect().left : 0);
    width = Math.max(Math.round(plots.clientWidth - labelWidth), 80);
    if (narrow !== held) {
      held = narrow;
      setView(view.from_s, held ? Math.min(duration, Math.max(duration / 8, 30)) : duration);
    }
    P.redraw();
  };
  const rows = new Map();
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) { const lane = rows.get(entry.target); if (lane) lane.seen = entry.isIntersecting; }
    P.redraw();
  }, { rootMargin: "200px" });

  const startLane = (lane) => {
    if (lane.kind === "barcode") {
      lane.canvas = document.createElement("canvas");
      lane.plot.appendChild(lane.canvas);
      lane.image = document.getElementById("barcode");
      lane.image.addEventListener("load", P.redraw);
    } else if (lane.kind === "strip") lane.pool = [];
    else {
      lane.svg = element("svg", { "aria-hidden": "true", preserveAspectRatio: "none" }, lane.plot);
      lane.group_box = element("g", {}, lane.svg);
      if (lane.kind === "curve") {
        lane.overview = {};
        for (const part of ["low", "mean", "high"]) lane.overview[part] = P.words16(P.pack(lane[part]));
        lane.band = element("path", { class: "band" }, lane.svg);
        lane.line = element("path", { class: "line" + (lane.dashed ? " dashed" : "") }, lane.svg);
        lane.dots = element("path", { class: "dots" }, lane.svg);
      }
      lane.marks_group = element("g", {}, lane.svg);
    }
    rows.set(lane.row, lane);
    observer.observe(lane.row);
  };
  P.startScore = () => {
    for (const lane of lanes) startLane(lane);
    new ResizeObserver(measure).observe(plots);
    measure();
  };
  /* lanes that come and go: `row` is built like the template's */
  P.addLane = (lane, row) => { const made = withRow(lane, row); lanes.push(made); startLane(made); P.redraw(); };
  P.dropLane = (name) => {
    const at = lanes.findIndex((lane) => lane.name === name);
    if (at < 0) return;
    observer.unobserve(lanes[at].row);
    rows.delete(lanes[at].row);
    lanes[at].row.remove();
    lanes.splice(at, 1);
  };
  P.loadScore = () => Promise.all(lanes.map(async (lane) => {
    if (lane.kind === "curve") {
      const steps = await P.inflateSteps(lane.detail_pack);
      if (!steps) return;
      const times = lane.times === null ? P.spine.times : await P.inflateTimes(lane.times);
      if (times && times.length === steps.length) lane.detail = { steps, times };
    } else if (lane.kind === "barcode") {
      const found = await P.inflateBytes(lane.frames, 3);
      if (found && found.n === P.spine.times.length) lane.detail = found;
    }
  }));
  window.addEventListener("beforeprint", () => { for (const lane of lanes) lane.seen = true; measure(); draw(); });
})();
