// Where the server has much to do: what it has no room for is asked again, and who waits in line
// reads a place. Gradio asks for everything with fetch, its stream of answers included.
(() => {
  const ask = window.fetch.bind(window);
  const pauses = [1, 2, 4, 8, 8, 8]; // seconds
  const places = new Map(); // of events that wait

  const say = (text) => {
    let place = document.getElementById('in-line');
    if (!place) {
      place = document.createElement('p');
      place.id = 'in-line';
      place.setAttribute('role', 'status');
      document.body.append(place);
    }
    if (place.textContent !== text) place.textContent = text;
  };

  const hear = (message) => {
    const [, kind] = /"msg":"(\w+)"/.exec(message) ?? [];
    const [, event] = /"event_id":"(\w+)"/.exec(message) ?? [];
    if (kind === 'estimation') {
      const { text } = JSON.parse(message);
      if (text) places.set(event, text);
    } else if (kind === 'close_stream' || kind === 'unexpected_error') places.clear();
    else if (kind !== 'heartbeat') places.delete(event);
    say([...places.values()].at(-1) ?? '');
  };

  const listen = async (stream) => {
    const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        const messages = (rest + value).split('\n\n');
        rest = messages.pop();
        for (const message of messages) hear(message.replace(/^data: /, ''));
      }
    } catch { /* the page hung up */ }
    places.clear();
    say('');
  };

  const again = async (resource, options) => {
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

  window.fetch = async (resource, options) => {
    const url = String(resource?.url ?? resource);
    if (/\/gradio_api\/(queue\/join|upload)\b/.test(url)) return again(resource, options);
    const answer = await ask(resource, options);
    if (!/\/gradio_api\/queue\/data\b/.test(url) || !answer.ok || !answer.body) return answer;
    const [own, theirs] = answer.body.tee();
    listen(own);
    const { status, statusText, headers } = answer;
    return new Response(theirs, { status, statusText, headers });
  };
})();
