/* The served film: as it is where the browser can play it, else in pieces that the server makes for it. */
(() => {
  const P = Punctum, V = P.viewer;
  if (!V) return;
  const video = document.getElementById("film"), note = document.getElementById("player-note");
  P.startPlayback = async () => {
    if (!video) return;
    video.src = "film";
    P.player.attach();
  };
})();
