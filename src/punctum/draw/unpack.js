/* The page's data, as packing.py wrote them.
   Conventions: times are seconds from the first frame; 4095 is "not measured", 4094 "no row here". */
"use strict";
const Punctum = {};
Punctum.NOT_MEASURED = 4095;
Punctum.ABSENT = 4094;
Punctum.STEPS = 4093;
Punctum.data = JSON.parse(document.getElementById("data").textContent);

Punctum.bytes = (text) => {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const raw = atob(text.trim());
  const made = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) made[i] = raw.charCodeAt(i);
  return made;
};

Punctum.words16 = (text) => new Uint16Array(Punctum.bytes(text).buffer);

Punctum.pack = (id) => {
  const element = id === null || id === undefined ? null : document.getElementById("pack-" + id);
  return element ? element.textContent : null;
};

/* a pack's bytes: from the page, or, where it is served, from beside it */
Punctum.packBytes = async (id) => {
  const text = Punctum.pack(id);
  if (text) return Punctum.bytes(text);
  if (!Punctum.data.served || id === null || id === undefined) return null;
  const found = await fetch("packs/" + id).catch(() => null);
  return found && found.ok ? new Uint8Array(await found.arrayBuffer()) : null;
};

/* null where there is no such pack or the browser cannot inflate: then only the overview is drawn */
Punctum.inflate = async (id) => {
  const bytes = typeof DecompressionStream === "undefined" ? null : await Punctum.packBytes(id);
  if (!bytes || !bytes.length) return null;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

Punctum.inflateSteps = async (id) => {
  const planes = await Punctum.inflate(id);
  if (!planes) return null;
  const n = planes.length / 2;
  const made = new Uint16Array(n);
  let last = 0;
  for (let i = 0; i < n; i++) {
    last = (last + planes[i] + (planes[n + i] << 8)) & 0xfff;
    made[i] = last;
  }
  return made;
};

Punctum.inflateTimes = async (id) => {
  const planes = await Punctum.inflate(id);
  if (!planes) return null;
  const n = planes.length / 4;
  const made = new Float64Array(n);
  let ticks = 0;
  for (let i = 0; i < n; i++) {
    ticks += planes[i] + planes[n + i] * 256 + planes[2 * n + i] * 65536 + planes[3 * n + i] * 16777216;
    made[i] = ticks / 1e6;
  }
  return made;
};

Punctum.inflateBytes = async (id, columns) => {
  const planes = await Punctum.inflate(id);
  if (!planes) return null;
  const n = planes.length / columns;
  for (let c = 0; c < columns; c++) {
    for (let i = c * n + 1; i < (c + 1) * n; i++) planes[i] = (planes[i] + planes[i - 1]) & 255;
  }
  return { n, planes };
};

/* last place in ascending `list` whose value is at most `value`; -1 where there is none */
Punctum.lastAtMost = (list, value) => {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] <= value) low = middle + 1; else high = middle;
  }
  return low - 1;
};

/* The spine: rows of frames, their numbers and times. */
Punctum.spine = (() => {
  const { runs, duration_s, frame_count } = Punctum.data.spine;
  let times = Float64Array.from(Punctum.data.spine.some_times_s);
  let numbers = Int32Array.from(Punctum.data.spine.some_frames);
  const spine = {
    exact: false,
    get times() { return times; },
    frameOfRow: (row) => numbers[row],
    rowOf: (frame) => Punctum.lastAtMost(numbers, frame),
    timeOf: (frame) => {
      if (!numbers.length) return frame_count ? (frame / frame_count) * duration_s : 0;
      const row = Punctum.lastAtMost(numbers, frame);
      if (row < 0) return times[0];
      if (numbers[row] === frame) return times[row];
      const last = row + 1 >= numbers.length;
      const frame2 = last ? Math.max(frame_count, frame) : numbers[row + 1];
      const time2 = last ? Math.max(duration_s, times[row]) : times[row + 1];
      return times[row] + ((frame - numbers[row]) / Math.max(frame2 - numbers[row], 1)) * (time2 - times[row]);
    },
    frameAt: (time) => {
      if (!numbers.length) return duration_s ? Math.floor((time / duration_s) * frame_count) : 0;
      const row = Punctum.lastAtMost(times, time + 1e-6);
      if (row < 0) return numbers[0];
      const last = row + 1 >= numbers.length;
      const frame2 = last ? frame_count : numbers[row + 1];
      if (frame2 - numbers[row] <= 1) return numbers[row];
      const time2 = last ? duration_s : times[row + 1];
      const share = time2 > times[row] ? (time - times[row]) / (time2 - times[row]) : 0;
      return Math.min(numbers[row] + Math.floor(share * (frame2 - numbers[row])), frame2 - 1);
    },
    load: async () => {
      const all = await Punctum.inflateTimes(Punctum.data.spine.times);
      if (!all) return;
      const list = new Int32Array(all.length);
      let at = 0;
      for (const [first, count] of runs) for (let i = 0; i < count; i++) list[at++] = first + i;
      times = all;
      numbers = list;
      spine.exact = true;
    },
  };
  return spine;
})();
