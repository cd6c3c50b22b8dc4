// What the server has no room for is asked again, and the page says so while it waits.
(() => {
  const ask = window.fetch.bind(window);
  const pauses = [1, 2, 4, 8, 8, 8]; // seconds
  const say = (text) => {
    let place = document.getElementById('busy');
    if (!place) {
      place = document.createElement('p');
      place.id = 'busy';
      place.setAttribute('role', 'status');
      document.body.append(place);
    }
    place.textContent = text;
  };
  window.fetch = async (resource, options) => {
    const url = String(resource?.url ?? resource);
    if (!/\/gradio_api\/(queue\/join|upload)\b/.test(url)) return ask(resource, options);
    for (let tried = 0; ; tried += 1) {
      const last = tried === pauses.length;
      const answer = await ask(resource, options).catch((error) => {
        if (!last) return null;
        say('The server cannot be reached. Reload the page in a minute.');
        throw error;
      });
      if (answer && (answer.status !== 503 || last)) {
        if (tried) say('');
        return answer;
      }
      const why = answer ? 'is busy' : 'cannot be reached';
      say(`The server ${why}. Trying again in ${pauses[tried]} s…`);
      const spread = 0.75 + Math.random() / 2; // a class does not come back all at once
      await new Promise((wake) => { setTimeout(wake, 1000 * pauses[tried] * spread); });
    }
  };
})();
