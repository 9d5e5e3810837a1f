/// The part of the fleet's page that shows and changes what devices go by.
extension Pages {
    static let configurationSection = #"""
        <section class="card" aria-labelledby="h-configurations"><h2 id="h-configurations">Configuration</h2>
        <ul class="plain" id="configurations"></ul>
        <h3 id="h-publish">Publish</h3>
        <form id="publish" class="stack" aria-labelledby="h-publish">
        <label for="target">For</label><select id="target"></select>
        <label for="ahead">First on (none: on all at once)</label><select id="ahead" multiple size="4"></select>
        <label for="text">Tables and keys as in a device's file</label>
        <textarea id="text" rows="8" spellcheck="false" maxlength="48000" required></textarea>
        <button>Check and publish</button></form>
        <div id="outcome" role="status" aria-live="polite"></div>
        <ul class="plain" id="problems"></ul>
        </section>
        """#

    static let configurationScript = #"""
        const opened = new Set();
        const words = { applied: 'in force', trial: 'on trial', pending: 'not heard yet', refused: 'refused',
          rolled_back: 'taken back' };
        const standing = part => Object.keys(words).filter(word => part[word])
          .map(word => `${words[word]} on ${part[word]} of ${part.devices}`).join(', ') || 'for no device';
        const judged = part => part.refused || part.rolled_back ? 'bad' : part.pending || part.trial ? 'warn' : 'good';
        function outcome(kind, text, problems) {
          at('outcome').replaceChildren(make('p', text, `tag ${kind}`));
          at('problems').replaceChildren(...problems.map(line => make('li', line)));
        }
        async function act(path, body, done) {
          try {
            const answer = await fetch(`${base}configurations/${path}`, { method: 'POST', cache: 'no-store',
              headers: { 'X-API-Key': key, 'Content-Type': 'application/json' }, body: JSON.stringify(body),
              signal: AbortSignal.timeout(30000) });
            const told = await answer.json();
            if (!answer.ok) {
              const lines = told.text ?? (told.detail ?? '').split('\n');
              outcome('bad', `Nothing was changed (${told.code ?? answer.status}).`, lines);
              return false;
            }
            outcome('good', done, []);
            showConfigurations(await fetchAll('configurations', 10));
            return true;
          } catch {
            outcome('bad', 'Central does not answer; look at what is in force before you try again.', []);
            return false;
          }
        }
        const button = (text, question, path, body, done) => {
          const node = make('button', text, 'small');
          node.type = 'button';
          node.addEventListener('click', () => { if (window.confirm(question)) act(path, body, done); });
          return node;
        };
        function part(it, title, which) {
          const item = headed(title, standing(it), judged(it));
          for (const fault of it.faults) {
            item.append(make('div', `${fault.name}: ${words[fault.state]}: ${fault.problem ?? 'no reason was told'}`, 'bad'));
          }
          if (it.text === null) {
            item.append(make('div', 'Withdrawn: devices go by the rest.', 'soft'));
            return item;
          }
          const text = make('details'), name = `${which} ${it.number}`;
          text.open = opened.has(name);
          text.addEventListener('toggle', () => text.open ? opened.add(name) : opened.delete(name));
          text.append(make('summary', it.is_redacted ? 'Its text; what looks like a secret is not shown' : 'Its text'),
            make('pre', it.text));
          item.append(text);
          return item;
        }
        function configuration(it) {
          const item = make('li'), parts = make('ul', undefined, 'plain'), acts = make('div', undefined, 'row');
          if (it.general) parts.append(part(it.general, it.name, `${it.id} general`));
          if (it.staged) {
            const ahead = it.staged.first.map(id => names.get(id) ?? id).join(', ');
            parts.append(part(it.staged, `${it.name}, first on ${ahead}`, `${it.id} staged`));
            acts.append(
              button('Give it to all', `Give all devices of ${it.name} what ${ahead} got first?`, `${it.id}/promote/`, {},
                'All of them get it.'),
              button('Take back what is staged', `Take from ${ahead} what they got first?`, `${it.id}/withdraw/`,
                { staged_only: true }, 'They go by what the others have.'));
          }
          if (it.can_roll_back) acts.append(button('Roll back', `Give all devices of ${it.name} what they had before?`,
            `${it.id}/roll-back/`, {}, 'What was there before holds again.'));
          if (it.staged || it.general?.text) acts.append(button('Withdraw', `Take away all that is set for ${it.name}?`,
            `${it.id}/withdraw/`, {}, 'It is withdrawn.'));
          item.append(parts, acts);
          return item;
        }
        function showConfigurations(found) {
          fill('configurations', found.map(configuration), 'Nothing is set: devices go by their own files.');
        }
        function offerTargets(devices, scopes) {
          const option = (value, text) => {
            const node = make('option', text);
            node.value = value;
            return node;
          };
          const offer = (id, options) => {
            const list = at(id), said = [...list.options].map(it => `${it.value} ${it.text}`).join();
            if (said === options.map(it => `${it.value} ${it.text}`).join()) return;
            const chosen = new Set([...list.selectedOptions].map(it => it.value));
            list.replaceChildren(...options);
            for (const it of list.options) it.selected = chosen.has(it.value);
            if (!list.multiple && list.selectedIndex < 0) list.selectedIndex = 0;
          };
          offer('target', [option('fleet', 'the whole fleet'),
            ...scopes.map(it => option(`scope ${it.id}`, `scope ${it.name}`)),
            ...devices.map(it => option(`device ${it.id}`, `device ${it.name}`))]);
          offer('ahead', devices.map(it => option(it.id, it.name)));
        }
        at('publish').addEventListener('submit', async event => {
          event.preventDefault();
          const [kind, id] = at('target').value.split(' ');
          const body = { text: at('text').value, first: [...at('ahead').selectedOptions].map(it => it.value) };
          if (id) body[kind] = id;
          if (await act('', body, 'Published: devices take it as they hear of it.')) at('text').value = '';
        });
        """#
}
