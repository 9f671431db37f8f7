/* The served film: as it is where the browser can play it, else in pieces, copied or made anew, put together here.
   Conventions: piece n holds what is shown from n * piece_s on; its stamps are the film's time plus offset_s. Where a
   copied piece is empty, one before it reaches this far. */
(() => {
  const P = Punctum, V = P.viewer;
  if (!V) return;
  const video = document.getElementById("film"), note = document.getElementById("player-note");
  const AHEAD_S = 14, BEHIND_S = 40, FURTHEST_BACK = 16;
  const duration = P.data.spine.duration_s;
  let session = 0;

  const inPieces = (plan, how) => {
    const mine = ++session, offset = plan.offset_s;
    const media = new MediaSource();
    const address = URL.createObjectURL(media);
    let buffer = null, busy = false, done = new Set(), failed = 0;
    const current = () => mine === session && media.readyState !== "closed";
    const covered = (time) => {
      for (let i = 0; buffer && i < buffer.buffered.length; i++) {
        if (buffer.buffered.start(i) - 0.06 <= time && time < buffer.buffered.end(i) - 0.001) return buffer.buffered.end(i);
      }
      return -1;
    };
    const settled = (act) => new Promise((resolve, reject) => {
      const end = () => { buffer.removeEventListener("updateend", end); resolve(); };
      buffer.addEventListener("updateend", end);
      try { act(); } catch (error) { buffer.removeEventListener("updateend", end); reject(error); }
    });
    const last = Math.max(Math.ceil(duration / plan.piece_s - 1e-6) - 1, 0);
    const forget = async (time) => {
      for (const [from, to] of [[0, time - BEHIND_S], [time + AHEAD_S + 3 * plan.piece_s, Infinity]]) {
        if (to > from && current()) await settled(() => buffer.remove(Math.max(from, 0), to));
      }
      done = new Set();
    };
    const fetchPiece = async (number) => {
      const answer = await fetch("pieces/" + how + "/" + number + ".mp4");
      if (answer.status === 409 || answer.status >= 500) throw new Error("no piece");
      return answer.status === 200 ? answer.arrayBuffer() : null;
    };
    const append = async (bytes) => {
      try { await settled(() => buffer.appendBuffer(bytes)); }
      catch (error) {
        if (error.name !== "QuotaExceededError") throw error;
        await forget(video.currentTime);
        await settled(() => buffer.appendBuffer(bytes));
      }
    };
    /* the next piece that is lacking, from what is wanted on: -1 where there is enough */
    const lacking = () => {
      const at = Math.max(video.currentTime, offset);
      const reach = covered(at);
      if (reach < 0) {
        const number = Math.min(Math.floor((at - offset) / plan.piece_s), last);
        for (let back = 0; back < FURTHEST_BACK && number - back >= 0; back++) if (!done.has(number - back)) return number - back;
        return -1;
      }
      if (reach - at > AHEAD_S || reach - offset >= duration - 0.01) return -1;
      for (let number = Math.floor((reach - offset + 1e-3) / plan.piece_s); number <= last; number++) if (!done.has(number)) return number;
      return -1;
    };
    const pump = async () => {
      if (busy || !current() || !buffer) return;
      busy = true;
      try {
        for (let number = lacking(); number >= 0 && current(); number = lacking()) {
          done.add(number);
          const bytes = await fetchPiece(number);
          if (bytes && current()) await append(bytes);
          if (current() && done.size > 12) { await forget(video.currentTime); break; }
        }
        /* the decoder holds the last frames back until it is told that none follow */
        if (current() && media.readyState === "open" && covered(Math.max(video.currentTime, offset)) - offset >= duration - 0.05) media.endOfStream();
      } catch {
        failed++;
        if (current()) { if (how === "copied" && plan.anew) { start(plan, "anew"); return; } if (failed > 2) { session++; P.player.fail(); return; } }
      } finally { busy = false; }
    };
    media.addEventListener("sourceopen", () => {
      URL.revokeObjectURL(address);
      try {
        media.duration = offset + duration;
        buffer = media.addSourceBuffer(plan[how]);
      } catch { if (how === "copied") start(plan, "anew"); else P.player.fail(); return; }
      video.currentTime = offset + P.moment.time_s;
      pump();
    }, { once: true });
    for (const event of ["seeking", "timeupdate", "waiting"]) video.addEventListener(event, () => { if (mine === session) pump(); });
    const timer = setInterval(() => { if (mine !== session) clearInterval(timer); else pump(); }, 1000);
    video.src = address;
    P.player.attach(offset);
  };
  const start = (plan, how) => {
    P.player.how = how;
    const inTheEnd = how === "copied" ? () => { if (!plan.anew) return false; start(plan, "anew"); return true; } : null;
    P.player.other = how === "direct" ? () => next(plan) : inTheEnd;
    if (how === "direct") { video.src = "film"; P.player.attach(); } else inPieces(plan, how);
  };
  const supported = (type) => type && typeof MediaSource !== "undefined" && MediaSource.isTypeSupported(type);
  const next = (plan) => {
    if (supported(plan.copied)) start(plan, "copied");
    else if (supported(plan.anew)) start(plan, "anew");
    else return false;
    return true;
  };
  P.startPlayback = async () => {
    if (!video) return;
    const answer = await fetch("playback").catch(() => null);
    const plan = answer && answer.ok ? await answer.json() : null;
    if (!plan) {
      const why = answer ? await answer.json().catch(() => null) : null;
      note.textContent = (why && why.error ? why.error[0].toUpperCase() + why.error.slice(1) + (why.hint ? ": " + why.hint : "") + ". " : "") + "The nearest still stands in for each moment.";
      P.player.fail();
      return;
    }
    if (plan.direct && video.canPlayType(plan.direct)) start(plan, "direct");
    else if (!next(plan)) P.player.fail();
  };
})();
