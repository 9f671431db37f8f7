/* Curves: which points a view shows, from the overview's bins or from every value.
   Conventions: a point is {time_s, low, mean, high} in quantised steps; null where the line breaks. */
(() => {
  const P = Punctum;
  const bins = P.data.bins, duration = Math.max(P.data.spine.duration_s, 0.001);

  P.overviewPoints = (lane, view, width) => {
    const width_s = duration / bins;
    const step = Math.max(1, Math.floor((view.to_s - view.from_s) / width / width_s));
    const first = Math.floor(Math.max(view.from_s / width_s - step, 0) / step) * step;
    const last = Math.min(Math.ceil(view.to_s / width_s) + step, bins);
    const { low, mean, high } = lane.overview;
    const made = [];
    for (let i = first; i < last; i += step) {
      let n = 0, sum = 0, least = Infinity, most = -Infinity, looked = false;
      for (let j = i; j < Math.min(i + step, bins); j++) {
        if (mean[j] === P.ABSENT) continue;
        looked = true;
        if (mean[j] === P.NOT_MEASURED) continue;
        n++; sum += mean[j];
        least = Math.min(least, low[j]); most = Math.max(most, high[j]);
      }
      if (n) made.push({ time_s: (i + step / 2) * width_s, low: least, mean: sum / n, high: most });
      else if (looked) made.push(null);
    }
    return made;
  };
  P.detailPoints = (lane, view, width) => {
    const { times, steps } = lane.detail;
    const first = Math.max(P.lastAtMost(times, view.from_s) - 1, 0);
    const last = Math.min(P.lastAtMost(times, view.to_s) + 3, steps.length);
    const made = [];
    const span_s = view.to_s - view.from_s;
    if (last - first <= width * 1.2) {
      for (let i = first; i < last; i++) {
        made.push(steps[i] > P.STEPS ? null : { time_s: times[i], low: steps[i], mean: steps[i], high: steps[i] });
      }
      return made;
    }
    let i = first;
    while (i < last) {
      const edge = view.from_s + (Math.floor(((times[i] - view.from_s) / span_s) * width) + 1) / width * span_s;
      let n = 0, sum = 0, least = Infinity, most = -Infinity;
      const start = i;
      do {
        if (steps[i] <= P.STEPS) { n++; sum += steps[i]; if (steps[i] < least) least = steps[i]; if (steps[i] > most) most = steps[i]; }
        i++;
      } while (i < last && times[i] < edge);
      made.push(n ? { time_s: times[(start + i - 1) >> 1], low: least, mean: sum / n, high: most } : null);
    }
    return made;
  };
  /* means over SMOOTH_PX to either side; where shots are broad enough to see, never across a cut */
  const SMOOTH_PX = 4;
  P.smoothed = (run, view, width) => {
    const shots = P.data.shots;
    const first = P.lastAtMost(shots.start_s, view.from_s), last = P.lastAtMost(shots.start_s, view.to_s);
    const apart = width / Math.max(last - first + 1, 1) > 5 * SMOOTH_PX;
    const shotOf = run.map((p) => (apart ? P.lastAtMost(shots.start_s, p.time_s + 1e-6) : 0));
    const made = [];
    let from = 0, to = 0, sum = 0;
    for (let i = 0; i < run.length; i++) {
      while (to < run.length && run[to].x <= run[i].x + SMOOTH_PX && shotOf[to] === shotOf[i]) sum += run[to++].mean;
      while (run[from].x < run[i].x - SMOOTH_PX || shotOf[from] !== shotOf[i]) sum -= run[from++].mean;
      if (to <= i) { from = i; to = i + 1; sum = run[i].mean; i--; continue; }
      made.push(sum / (to - from));
    }
    return made;
  };
})();
