// What the page is told while it waits in line: Gradio's requests and its stream of answers, all by
// fetch, are heard on the way, and the place in line is shown. What the server has no room for is
// asked again, and no answer is missed.
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

  // The server ends a stream with the last answer. Gradio takes it for open until it has read that,
  // and never hears what it asks meanwhile. So what it reads here has no end, and the server's own
  // streams are read for as long as something is waited for.
  let page = null; // what Gradio reads, and how it asked for it
  let reading = false;
  const waiting = new Set(); // events
  const early = new Set(); // answered before it was known that they were asked for
  const encoder = new TextEncoder();

  const pass = (message) => page.controller.enqueue(encoder.encode(`${message}\n\n`));

  const hear = (message) => {
    const [, kind] = /"msg":"(\w+)"/.exec(message) ?? [];
    const [, event] = /"event_id":"(\w+)"/.exec(message) ?? [];
    if (kind === 'estimation') {
      const { text } = JSON.parse(message.replace(/^data: /, ''));
      if (text) places.set(event, text);
    } else if (kind === 'close_stream') places.clear();
    else if (kind !== 'heartbeat') places.delete(event);
    say([...places.values()].at(-1) ?? '');
    if (kind === 'process_completed' && !waiting.delete(event)) early.add(event);
    if (kind !== 'close_stream') pass(message);
  };

  // One stream to its end. Gives whether anything was heard.
  const listen = async (body) => {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let [rest, heard] = ['', false];
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return heard;
      const messages = (rest + value).split('\n\n');
      rest = messages.pop();
      heard ||= messages.length > 0;
      messages.forEach(hear);
    }
  };

  const sleep = (seconds) => new Promise((wake) => { setTimeout(wake, 1000 * seconds); });

  // Nothing more is heard of what was asked.
  const lose = (told) => {
    for (const event of waiting) {
      pass(`data: ${JSON.stringify({ ...told, event_id: event, success: false })}`);
    }
    waiting.clear();
  };

  const follow = async () => {
    if (reading || !page) return;
    reading = true;
    while (page && waiting.size) {
      try {
        const answer = await ask(page.resource, page.options);
        if (!answer.ok) {
          lose({ msg: 'unexpected_error', message: 'The answer was lost. Ask again.',
            session_not_found: answer.status === 404 });
        } else if (!await listen(answer.body)) await sleep(1);
      } catch (error) {
        if (error.name === 'AbortError') {
          page.controller.error(error);
          page = null;
        } else lose({ msg: 'broken_connection', message: 'The connection was lost.' });
      }
    }
    reading = false;
    places.clear();
    say('');
  };

  const join = async (resource, options) => {
    const answer = await again(resource, options);
    if (answer.ok) {
      const { event_id: event } = await answer.clone().json();
      if (event && !early.delete(event)) waiting.add(event);
      follow();
    }
    return answer;
  };

  const stream = (resource, options) => {
    const body = new ReadableStream({ start(controller) {
      page = { controller, resource, options };
    } });
    follow();
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
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
      await sleep(pauses[tried] * spread);
    }
  };

  window.fetch = async (resource, options) => {
    const url = String(resource?.url ?? resource);
    if (/\/gradio_api\/upload\b/.test(url)) return again(resource, options);
    if (/\/gradio_api\/queue\/join\b/.test(url)) return join(resource, options);
    if (/\/gradio_api\/queue\/data\b/.test(url)) return stream(resource, options);
    return ask(resource, options);
  };
})();
