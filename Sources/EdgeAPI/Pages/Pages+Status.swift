extension Pages {
    static let status = #"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>edged: status</title>
        <link rel="icon" href="/favicon.ico">
        <link rel="stylesheet" href="/assets/edged.css">
        <script src="/assets/status.js" defer></script>
        </head>
        <body>
        <a class="skip" href="#main">Skip to the status</a>
        <header class="bar"><img src="/favicon.ico" alt=""><strong>edged</strong>
        <nav><a href="/kiosk/">Kiosk</a></nav></header>
        <main id="main">
        <noscript><p class="banner warn">This page needs JavaScript. The same facts: <a href="/status">/status</a>.</p>
        </noscript>
        <div id="notice" class="notice" role="alert" hidden></div>
        <div id="banner" class="banner" role="status" aria-live="polite"><h1 id="headline">Asking the device…</h1>
        <p id="summary"></p></div>
        <form id="door" class="card" hidden><label for="token">Token of <code>edged status --token</code></label>
        <input id="token" type="password" autocomplete="off" required><button>Show the status</button></form>
        <dl class="figures">
        <div><dt>People enrolled</dt><dd id="people">–</dd></div>
        <div><dt>Open sessions</dt><dd id="sessions">–</dd></div>
        <div><dt>Cameras streaming</dt><dd id="streaming">–</dd></div>
        <div><dt>Up for</dt><dd id="uptime">–</dd></div>
        </dl>
        <section class="card" id="troubles" aria-labelledby="h-troubles" hidden>
        <h2 id="h-troubles">What needs attention</h2><ul class="plain" id="conditions"></ul></section>
        <p id="gap" hidden></p>
        <div class="grid">
        <section class="card" aria-labelledby="h-cameras"><h2 id="h-cameras">Cameras</h2>
        <ul class="plain" id="cameras"></ul></section>
        <section class="card" aria-labelledby="h-models"><h2 id="h-models">Models</h2>
        <ul class="plain" id="models"></ul></section>
        <section class="card" aria-labelledby="h-device"><h2 id="h-device">Device</h2><dl class="pairs" id="device"></dl>
        </section>
        </div>
        <p class="soft">Refreshes every 3 seconds. Last answer: <span id="asked">none yet</span>.</p>
        </main>
        </body>
        </html>
        """#

    static let statusScript = #"""
        'use strict';
        const at = id => document.getElementById(id);
        const make = (name, text, kind) => {
          const node = document.createElement(name);
          if (text !== undefined) node.textContent = text;
          if (kind) node.className = kind;
          return node;
        };
        // Commands in a remedy stand between backticks.
        const prose = (name, text, kind) => {
          const node = make(name, undefined, kind);
          text.split('`').forEach((part, index) => node.append(index % 2 ? make('code', part) : part));
          return node;
        };
        const kinds = { error: 'bad', warning: 'warn', info: 'good', ok: 'good', degraded: 'warn' };
        const span = seconds => {
          const d = Math.floor(seconds / 86400), h = Math.floor(seconds % 86400 / 3600), m = Math.floor(seconds % 3600 / 60);
          return d ? `${d} d ${h} h` : h ? `${h} h ${m} min` : m ? `${m} min` : `${seconds} s`;
        };
        const fill = (id, items, empty) => {
          const list = at(id);
          list.replaceChildren(...(items.length ? items : [make('li', empty, 'soft')]));
        };
        const headed = (title, state, kind) => {
          const item = make('li'), row = make('div', undefined, 'row');
          row.append(make('strong', title), make('span', state, `tag ${kind}`));
          item.append(row);
          return item;
        };
        function condition(it) {
          const item = headed(it.subject ? `${it.title} (${it.subject})` : it.title, it.severity, kinds[it.severity]);
          item.append(prose('p', it.remedy, 'remedy'));
          const small = make('p', `since ${new Date(it.since).toLocaleString()}, `, 'soft remedy');
          small.append(make('code', it.code));
          item.append(small);
          return item;
        }
        function camera(it) {
          const item = it.is_covered ? headed(it.name, 'sees nothing', 'warn')
            : it.pace === 'released' ? headed(it.name, 'released', 'good')
            : it.is_streaming ? headed(it.name, it.pace === 'slow' ? 'resting' : 'streaming', 'good')
            : it.fault ? headed(it.name, it.fault, 'bad') : headed(it.name, 'not started', 'warn');
          const facts = [it.device];
          if (it.role) facts.unshift(it.role);
          if (it.infrared) facts.push(`with ${it.infrared}`);
          if (it.width) facts.push(`${it.width}×${it.height} ${it.format}`);
          if (it.is_streaming) facts.push(`${it.frames_per_second.toFixed(1)} frames/s`);
          item.append(make('p', facts.join(' · '), 'soft remedy'));
          if (it.frames) item.append(make('p',
            `${it.frames} frames, ${it.dropped} skipped for newer ones, ${it.broken} broken, `
              + `frozen ${it.frozen} times, ${it.recoveries} recoveries`,
            'soft remedy'));
          return item;
        }
        function model(it) {
          const item = headed(it.id, it.is_loaded ? 'loaded' : 'missing', it.is_loaded ? 'good' : 'bad');
          item.append(make('p', `version ${it.version}`, 'soft remedy'));
          return item;
        }
        function show(s) {
          const troubles = s.conditions.filter(c => c.severity !== 'info').length;
          at('banner').className = `banner ${kinds[s.status] || 'warn'}`;
          at('headline').textContent = s.status === 'ok' ? 'All is well'
            : s.status === 'degraded' ? 'Works, with less than wanted' : 'Something does not work';
          at('summary').textContent = s.status === 'ok' ? 'The device is ready for enrollments and decisions.'
            : `${troubles} ${troubles === 1 ? 'thing needs' : 'things need'} attention; what to do stands below.`;
          document.title = `edged: ${s.status}`;
          at('notice').hidden = !s.notice;
          at('notice').textContent = s.notice || '';
          at('people').textContent = s.people;
          at('sessions').textContent = s.open_sessions;
          at('streaming').textContent = `${s.cameras.filter(c => c.is_streaming).length} of ${s.cameras.length}`;
          at('uptime').textContent = span(s.uptime_seconds);
          at('troubles').hidden = at('gap').hidden = s.conditions.length === 0;
          fill('conditions', s.conditions.map(condition), '');
          fill('cameras', s.cameras.map(camera), 'No camera is configured. Sessions can still take uploaded frames.');
          fill('models', s.models.map(model), 'No model is configured.');
          const pairs = [['Version', s.version], ['Address', s.address], ['Liveness policy', s.liveness_policy],
            ['Sealing key', s.key_source], ['Started', new Date(s.started_at).toLocaleString()]];
          at('device').replaceChildren(...pairs.flatMap(([k, v]) => [make('dt', k), make('dd', v)]));
        }
        // Over the network the status needs a token; it stays in this page and goes with it.
        let silent = false, token = '';
        function needToken(refused) {
          at('door').hidden = false;
          at('banner').className = 'banner warn';
          at('headline').textContent = refused ? 'The token is not good any more' : 'Who is asking?';
          at('summary').textContent = 'On the device, `edged status --token` makes one that reads and lasts 15 minutes.';
          document.title = 'edged: token needed';
        }
        at('door').addEventListener('submit', event => {
          event.preventDefault();
          token = at('token').value.trim();
          at('token').value = '';
          ask();
        });
        async function ask() {
          try {
            const headers = token ? { Authorization: `Bearer ${token}` } : {};
            const answer = await fetch('/status', { headers, cache: 'no-store', signal: AbortSignal.timeout(5000) });
            if (answer.status === 401 || answer.status === 403) {
              const refused = token !== '';
              token = '';
              return needToken(refused);
            }
            at('door').hidden = true;
            if (!answer.ok) throw new Error(`status ${answer.status}`);
            show(await answer.json());
            at('asked').textContent = new Date().toLocaleTimeString();
            silent = false;
          } catch {
            // Said once, so that a screen reader does not repeat it every three seconds.
            if (!silent) {
              silent = true;
              at('banner').className = 'banner bad';
              at('headline').textContent = 'The device does not answer';
              at('summary').textContent = 'The figures below are old. Is edged running? Look at: systemctl status edged';
              document.title = 'edged: no answer';
            }
          }
          setTimeout(ask, 3000);
        }
        ask();
        """#
}
