// What stands where on a narrow screen, how high the stage is in a frame, and what is drawn anew.
export function followLayout(stage) {
  const { root, part } = stage;
  // In a frame as high as its content, the height of the window would grow without end.
  if (window.self !== window.top) {
    root.style.setProperty('--vh', `${Math.min(900, window.screen.availHeight)}px`);
  }
  for (const name of ['net', 'picture']) {
    new ResizeObserver(() => stage.draw()).observe(part(name));
  }
  new MutationObserver(() => {
    stage.colours = null;
    stage.draw();
  }).observe(document.body, { attributeFilter: ['class'] });
  const narrow = window.matchMedia('(max-width: 900px)');
  const fold = () => {
    part('data-fold').open = !narrow.matches;
    // On a phone the strip holds the transport alone.
    if (narrow.matches) part('more').before(part('live'));
    else root.querySelector('.strip').append(part('live'));
  };
  narrow.addEventListener('change', fold);
  fold();
}
