// A page that nobody sees pauses its run, and goes on with it when it is seen again.
export function followPresence(stage) {
  let hid = null; // what hiding paused
  document.addEventListener('visibilitychange', () => {
    const { playing } = stage;
    if (document.hidden) {
      if (!playing.busy) return;
      hid = { until: stage.until };
      playing.pause();
    } else if (hid) {
      const { until } = hid;
      hid = null;
      if (playing.busy || stage.draft || stage.wrong) return;
      stage.until = until;
      playing.play();
    }
  });
}
