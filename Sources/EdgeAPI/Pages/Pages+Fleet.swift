extension Pages {
    static let fleet = #"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>edged: fleet</title>
        <link rel="icon" href="/favicon.ico">
        <link rel="stylesheet" href="/assets/edged.css">
        <script src="/assets/fleet.js" defer></script>
        </head>
        <body>
        <a class="skip" href="#main">Skip to the fleet</a>
        <header class="bar"><img src="/favicon.ico" alt=""><strong>edged</strong>
        <nav><a href="/">Status</a></nav></header>
        <main id="main">
        <noscript><p class="banner warn">This page needs JavaScript. The same facts: <code>edged central devices</code>.</p>
        </noscript>
        <div id="banner" class="banner warn" role="status" aria-live="polite"><h1 id="headline">Who is asking?</h1>
        <p id="summary">The API key of a client of the scope admin shows the fleet.</p></div>
        <form id="door" class="card"><label for="key">API key</label>
        <input id="key" type="password" autocomplete="off" required><button>Show the fleet</button></form>
        <div id="fleet" hidden>
        <dl class="figures">
        <div><dt>Members</dt><dd id="members">–</dd></div>
        <div><dt>People</dt><dd id="people">–</dd></div>
        <div><dt>Records</dt><dd id="records">–</dd></div>
        <div><dt>Open erasures</dt><dd id="open">–</dd></div>
        </dl>
        <div class="grid">
        <section class="card" aria-labelledby="h-devices"><h2 id="h-devices">Devices</h2>
        <ul class="plain" id="devices"></ul></section>
        <section class="card" aria-labelledby="h-erasures"><h2 id="h-erasures">Erasures</h2>
        <ul class="plain" id="erasures"></ul></section>
        <section class="card" aria-labelledby="h-scopes"><h2 id="h-scopes">Scopes</h2>
        <ul class="plain" id="scopes"></ul></section>
        </div>
        \#(configurationSection)
        <p class="soft">Refreshes every 5 seconds. Last answer: <span id="asked">none yet</span>.</p>
        </div>
        </main>
        </body>
        </html>
        """#

    static let fleetScript = #"""
        'use strict';
        const at = id => document.getElementById(id);
        const make = (name, text, kind) => {
          const node = document.createElement(name);
          if (text !== undefined) node.textContent = text;
          if (kind) node.className = kind;
          return node;
        };
        const base = '/api/sync/v1/fleet/';
        const kinds = { active: 'good', quarantined: 'bad', revoked: 'warn' };
        const ago = moment => {
          if (!moment) return 'never';
          const s = Math.max(0, Math.round((Date.now() - new Date(moment)) / 1000));
          return s < 90 ? `${s} s ago` : s < 5400 ? `${Math.round(s / 60)} min ago`
            : s < 172800 ? `${Math.round(s / 3600)} h ago` : `${Math.round(s / 86400)} d ago`;
        };
        const headed = (title, state, kind, ...lines) => {
          const item = make('li'), row = make('div', undefined, 'row');
          row.append(make('strong', title), make('span', state, `tag ${kind}`));
          item.append(row, ...lines.filter(Boolean).map(line => make('div', line, 'soft')));
          return item;
        };
        const fill = (id, items, empty) =>
          at(id).replaceChildren(...(items.length ? items : [make('li', empty, 'soft')]));
        let key = '', names = new Map();
        const device = it => {
          const lanes = it.lanes.map(lane => `${lane.lane} ${lane.acknowledged}`);
          const clock = it.clock_ahead_ms >= 1000
            ? `Its clock is ahead by ${Math.round(it.clock_ahead_ms / 1000)} s.` : '';
          const owes = it.owed_erasures
            ? `Owes the proof of ${it.owed_erasures} erasures, the oldest ordered ${ago(it.owes_since)}.` : '';
          return headed(it.name, it.standing, kinds[it.standing], it.reason, `Seen ${ago(it.seen_at)}, ${it.software}`,
            lanes.length ? `On disk here: ${lanes.join(', ')}` : '', clock, owes);
        };
        const erasure = it => {
          const waits = it.outstanding.map(one => `${names.get(one.device) ?? one.device} since ${ago(one.since)}`);
          return headed(`${it.proven} of ${it.devices}`, it.complete ? 'proven' : 'open', it.complete ? 'good' : 'warn',
            `Ordered ${ago(it.ordered_at)}`, waits.length ? `Waits for ${waits.join(', ')}` : '');
        };
        const scope = it => headed(it.name, `${it.people} people`, 'good', `${it.devices} devices`);
        async function fetchAll(what, pages) {
          const found = [];
          for (let page = 1; page <= pages; page += 1) {
            const part = await fetchOne(`${what}/?page=${page}`);
            found.push(...part.results);
            if (!part.next) break;
          }
          return found;
        }
        async function fetchOne(path) {
          const answer = await fetch(base + path,
            { headers: { 'X-API-Key': key }, cache: 'no-store', signal: AbortSignal.timeout(10000) });
          if (answer.status === 401 || answer.status === 403) throw new RangeError('refused');
          if (!answer.ok) throw new Error(`status ${answer.status}`);
          return answer.json();
        }
        function say(kind, headline, summary) {
          at('banner').className = `banner ${kind}`;
          at('headline').textContent = headline;
          at('summary').textContent = summary;
        }
        function show(figures, devices, erasures, scopes) {
          names = new Map(devices.map(it => [it.id, it.name]));
          offerTargets(devices.filter(it => it.standing !== 'revoked'), scopes);
          at('members').textContent = figures.members;
          at('people').textContent = figures.people;
          at('records').textContent = figures.records;
          at('open').textContent = figures.open_erasures;
          fill('devices', devices.map(device), 'No device has joined: edged central token create makes a token.');
          fill('erasures', erasures.map(erasure), 'Nobody was erased.');
          fill('scopes', scopes.map(scope), 'There is no scope.');
          const trouble = figures.quarantined || figures.refused_records;
          say(trouble ? 'warn' : 'good', trouble ? 'The fleet needs attention' : 'The fleet is in order',
            [figures.quarantined ? `${figures.quarantined} devices are quarantined.` : '',
              figures.refused_records ? `${figures.refused_records} records are kept without effect.` : '',
              figures.lost_records ? `${figures.lost_records} records were lost on devices.` : ''].join(' '));
        }
        async function ask() {
          try {
            show(await fetchOne(''), await fetchAll('devices', 10), await fetchAll('erasures', 2),
              await fetchAll('scopes', 5));
            showConfigurations(await fetchAll('configurations', 10));
            at('door').hidden = true;
            at('fleet').hidden = false;
            at('asked').textContent = new Date().toLocaleTimeString();
          } catch (fault) {
            if (fault instanceof RangeError) {
              key = '';
              at('door').hidden = false;
              return say('warn', 'This key does not show the fleet', 'It takes one of a client of the scope admin.');
            }
            say('bad', 'Central does not answer', 'The figures below are old. Look at: systemctl status edged');
          }
          setTimeout(ask, 5000);
        }
        \#(configurationScript)
        at('door').addEventListener('submit', event => {
          event.preventDefault();
          key = at('key').value.trim();
          at('key').value = '';
          ask();
        });
        """#
}
