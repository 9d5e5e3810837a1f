extension Pages {
    static let kioskScript = #"""
        'use strict';
        const at = id => document.getElementById(id);
        const pause = ms => new Promise(done => setTimeout(done, ms));

        // --- Credentials: from the address's fragment or from the form; never left in the address bar.
        const keep = {
          get: () => { try { return JSON.parse(sessionStorage.getItem('edged') || 'null'); } catch { return null; } },
          set: value => { try { sessionStorage.setItem('edged', JSON.stringify(value)); } catch { /* memory is enough */ } },
          drop: () => { try { sessionStorage.removeItem('edged'); } catch { /* nothing was kept */ } },
        };
        let credentials = null, access = null;
        function fromFragment() {
          const fields = new URLSearchParams(location.hash.slice(1));
          const key = fields.get('api_key'), secret = fields.get('api_secret');
          if (!key || !secret) return null;
          history.replaceState(null, '', location.pathname);
          return { api_key: key, api_secret: secret };
        }

        class Failure extends Error {
          constructor(status, body) {
            super(body.message || body.detail || body.error || `The device answered ${status}.`);
            this.status = status;
            this.body = body;
          }
        }
        async function ask(path, options) {
          try { return await fetch(path, options); } catch (error) {
            if (options.signal && options.signal.aborted) throw error;
            throw new Error('The device does not answer. Try again.');
          }
        }
        async function read(answer) {
          let body = {};
          try { body = await answer.json(); } catch { /* an answer without a body */ }
          return body;
        }
        async function connect() {
          const answer = await ask('/api/core/auth/client/', {
            method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(credentials),
          });
          const body = await read(answer);
          if (!answer.ok) throw new Failure(answer.status, body);
          access = body.access;
          // Others would be refused, and that written down.
          if (!['kiosk', 'admin'].includes(body.scope)) mayLook = false;
        }
        async function call(method, path, body, options = {}) {
          for (let attempt = 0; ; attempt++) {
            if (!access) await connect();
            const headers = { Authorization: `Bearer ${access}` };
            if (body && !(body instanceof FormData)) headers['Content-Type'] = 'application/json';
            const answer = await ask(path, {
              method, headers, cache: 'no-store', signal: options.signal,
              body: body instanceof FormData ? body : body && JSON.stringify(body),
            });
            // The access token is short-lived: one fresh one, then no more.
            if (answer.status === 401 && attempt === 0) { access = null; continue; }
            if (options.raw && answer.ok) return answer;
            const result = await read(answer);
            if (!answer.ok && !('session_status' in result)) throw new Failure(answer.status, result);
            return result;
          }
        }

        // --- What the person sees.
        const view = at('view'), say = at('say'), drawing = at('drawing'), pen = drawing.getContext('2d');
        function tell(text, kind = '') {
          if (say.textContent !== text) say.textContent = text;
          view.className = `view ${kind}`;
        }
        const face = { now: null, at: 0 };
        // What this device's camera sees, while it may be looked at.
        let sight = null, mayLook = true;
        function draw() {
          const w = drawing.width, h = drawing.height, live = !at('video').hidden;
          pen.clearRect(0, 0, w, h);
          const fresh = face.now && performance.now() - face.at < 1500;
          if (!live) {
            if (sight) {
              // Mirrored, as people know themselves.
              pen.save(); pen.translate(w, 0); pen.scale(-1, 1); pen.drawImage(sight, 0, 0, w, h); pen.restore();
            }
            pen.strokeStyle = 'rgba(255,255,255,.22)'; pen.lineWidth = 3; pen.setLineDash([10, 10]);
            pen.beginPath(); pen.ellipse(w / 2, h * .48, w * .17, h * .32, 0, 0, 7); pen.stroke(); pen.setLineDash([]);
          }
          if (fresh) {
            const { box, frame, landmarks } = face.now, sx = w / frame.width, sy = h / frame.height;
            // Mirrored, as people know themselves.
            const cx = w - (box.x + box.width / 2) * sx, cy = (box.y + box.height / 2) * sy;
            pen.strokeStyle = '#5fe0c0'; pen.lineWidth = 5;
            pen.beginPath(); pen.ellipse(cx, cy, box.width * sx / 2, box.height * sy / 2, 0, 0, 7); pen.stroke();
            if (!live) {
              pen.fillStyle = '#5fe0c0';
              for (const p of landmarks) { pen.beginPath(); pen.arc(w - p.x * sx, p.y * sy, 5, 0, 7); pen.fill(); }
            }
          }
          requestAnimationFrame(draw);
        }
        const marks = {
          yes: 'M8 26l10 10 22-24', no: 'M12 12l24 24M36 12L12 36',
        };
        function verdict(kind, title) {
          const box = at('verdict');
          box.replaceChildren();
          box.hidden = !kind;
          if (!kind) return;
          box.className = `verdict ${kind}`;
          const space = 'http://www.w3.org/2000/svg';
          const svg = document.createElementNS(space, 'svg'), path = document.createElementNS(space, 'path');
          svg.setAttribute('viewBox', '0 0 48 48'); svg.setAttribute('aria-hidden', 'true');
          path.setAttribute('d', marks[kind]); path.setAttribute('fill', 'none'); path.setAttribute('stroke', 'currentColor');
          path.setAttribute('stroke-width', '5'); path.setAttribute('stroke-linecap', 'round');
          svg.append(path);
          const strong = document.createElement('strong');
          strong.textContent = title;
          box.append(svg, strong);
        }
        function counts(answer) {
          const good = answer.completed_samples ?? 0, target = answer.target_samples ?? 0;
          const seen = `${answer.frames_processed ?? 0} seen`;
          // How many frames were good means nothing to somebody who was refused.
          if (answer.requires_more_frames === false && !answer.success) return seen;
          return `${good < target ? `${good} of ${target}` : good} good frames · ${seen}`;
        }
        function show(answer) {
          if (answer.face && answer.face.frame) { face.now = answer.face; face.at = performance.now(); }
          const done = answer.enrollment_progress ?? 100 * answer.completed_samples / Math.max(1, answer.target_samples);
          at('progress').hidden = false;
          at('progress').value = Math.min(100, done || 0);
          at('detail').textContent = counts(answer);
          if (answer.requires_more_frames === false) return finish(answer);
          // The guide's sentence for a good frame speaks to programs.
          const words = answer.reason === 'frame.accepted' ? 'Good. Keep looking at the camera.' : answer.message;
          tell(answer.instruction || words, answer.frame_rejected ? 'bad' : 'busy');
        }
        function finish(answer) {
          face.now = null;
          if (answer.success) {
            at('progress').value = 100;
            const who = answer.matched_user || answer.user;
            const name = who && (who.display_name || who.user_id);
            verdict('yes', answer.enrollment_complete ? `Enrolled${name ? `: ${name}` : ''}` : `Welcome, ${name}`);
          } else {
            at('progress').hidden = true;
            verdict('no', answer.enrollment_complete === false ? 'Not enrolled' : 'Not recognized');
          }
          tell(answer.message, answer.success ? 'good' : 'bad');
        }

        // --- Running a session.
        let run = null;
        function busy(on) {
          for (const button of at('actions').querySelectorAll('button')) button.disabled = on;
          at('user').disabled = on;
          for (const radio of document.getElementsByName('source')) radio.disabled = on;
          at('cancel').hidden = !on;
          if (on) at('cancel').focus();
        }
        async function openSession(act, source) {
          const user = at('user').value.trim(), body = { session_type: 'webcam', frame_source: source };
          if (act !== 'identify') body.user_id = user;
          const path = act === 'enroll' ? '/api/auth/enrollment/' : '/api/auth/authentication/';
          return call('POST', path, body);
        }
        async function start(act) {
          if (run) return;
          if (act !== 'identify' && !at('user').value.trim()) {
            tell('Please enter a user id first.', 'bad');
            at('user').focus();
            return;
          }
          const source = document.querySelector('input[name=source]:checked').value;
          run = { abort: new AbortController(), token: null };
          busy(true);
          verdict(null);
          at('progress').hidden = true;
          at('detail').textContent = '';
          tell('One moment…', 'busy');
          try {
            const stream = source === 'upload' ? await openCamera() : null;
            try {
              const session = await openSession(act, source);
              run.token = session.session_token;
              tell(session.instruction || 'Look at the camera.', 'busy');
              if (stream) await upload(session.session_token); else await followSeeing(session.session_token);
            } finally { closeCamera(stream); }
          } catch (error) {
            if (run.abort.signal.aborted) tell('Cancelled.'); else tell(error.message || 'Something went wrong.', 'bad');
          }
          run = null;
          busy(false);
          document.querySelector(`[data-act=${act}]`).focus();
        }
        async function cancel() {
          if (!run) return;
          run.abort.abort();
          const token = run.token;
          if (token) await call('POST', `/api/auth/sessions/${token}/cancel/`, {}).catch(() => {});
        }

        // --- This device's camera: the device tells what it sees, as server-sent events.
        async function follow(token) {
          for (let last = null; !last || last.requires_more_frames !== false;) {
            run.abort.signal.throwIfAborted();
            try { last = await events(token) || last; } catch (error) {
              if (run.abort.signal.aborted || error instanceof Failure) throw error;
            }
            // The stream broke off: the long poll tells where the session stands.
            if (!last || last.requires_more_frames !== false) {
              last = await call('GET', `/api/auth/sessions/${token}/result/?wait=2`, null, { signal: run.abort.signal });
              show(last);
            }
          }
        }
        async function followSeeing(token) {
          const eyes = new AbortController();
          look(eyes.signal);
          try { await follow(token); } finally { eyes.abort(); }
        }
        // Pictures of the camera, where the device lets a kiosk look; without them the drawing does.
        async function look(signal) {
          if (!mayLook) return;
          try {
            const answer = await call('GET', '/api/core/cameras/preview/', null, { raw: true, signal });
            for await (const picture of pictures(answer.body.getReader())) {
              const before = sight;
              sight = await createImageBitmap(new Blob([picture], { type: 'image/jpeg' }));
              if (before) before.close();
              if (signal.aborted) break;
            }
          } catch (error) {
            // Off, or not for this client: no use in asking again.
            if (error instanceof Failure && error.status < 429) mayLook = false;
          } finally { sight = null; }
        }
        async function* pictures(reader) {
          const text = new TextDecoder('latin1');
          for (let bytes = new Uint8Array();;) {
            const { value, done } = await reader.read();
            if (done) return;
            const joined = new Uint8Array(bytes.length + value.length);
            joined.set(bytes);
            joined.set(value, bytes.length);
            bytes = joined;
            for (;;) {
              // Before each picture stands how long it is.
              const head = /Content-Length: (\d+)\r\n\r\n/.exec(text.decode(bytes.subarray(0, 300)));
              const start = head ? head.index + head[0].length : 0, end = head ? start + Number(head[1]) : 0;
              if (!head || bytes.length < end) break;
              yield bytes.slice(start, end);
              bytes = bytes.slice(end);
            }
          }
        }
        async function events(token) {
          const answer = await call('GET', `/api/auth/sessions/${token}/events/`, null,
            { raw: true, signal: run.abort.signal });
          const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
          let rest = '', last = null;
          for (;;) {
            const { value, done } = await reader.read();
            if (done) return last;
            rest += value;
            const blocks = rest.split('\n\n');
            rest = blocks.pop();
            for (const block of blocks) {
              const data = block.split('\n').filter(line => line.startsWith('data: ')).map(line => line.slice(6)).join('\n');
              if (data) { last = JSON.parse(data); show(last); }
            }
          }
        }

        // --- This browser's camera: frames go up one at a time, a new one only after the answer.
        async function openCamera() {
          if (!navigator.mediaDevices) {
            throw new Error('This browser gives its camera only to pages on localhost or over HTTPS.');
          }
          let stream;
          try {
            stream = await navigator.mediaDevices.getUserMedia(
              { video: { width: { ideal: 640 }, height: { ideal: 480 }, facingMode: 'user' }, audio: false });
          } catch { throw new Error('The browser’s camera cannot be used. Allow it, or plug one in.'); }
          const video = at('video');
          video.srcObject = stream;
          video.hidden = false;
          await video.play();
          return stream;
        }
        function closeCamera(stream) {
          if (!stream) return;
          for (const track of stream.getTracks()) track.stop();
          at('video').srcObject = null;
          at('video').hidden = true;
        }
        async function upload(token) {
          const video = at('video'), canvas = document.createElement('canvas');
          for (let number = 1; ; number++) {
            run.abort.signal.throwIfAborted();
            canvas.width = video.videoWidth;
            canvas.height = video.videoHeight;
            canvas.getContext('2d').drawImage(video, 0, 0);
            const picture = await new Promise(done => canvas.toBlob(done, 'image/jpeg', .9));
            const form = new FormData();
            form.append('session_token', token);
            form.append('frame_number', number);
            form.append('image', picture, 'frame.jpg');
            const answer = await call('POST', '/api/auth/process-image/', form, { signal: run.abort.signal });
            show(answer);
            if (answer.requires_more_frames === false) return;
            await pause(60);
          }
        }

        // --- The page's own life.
        function enter() {
          at('login').hidden = true;
          at('app').hidden = at('forget').hidden = false;
          at('user').focus();
        }
        async function signIn(candidate, silently) {
          credentials = candidate;
          access = null;
          try {
            await connect();
            keep.set(candidate);
            enter();
          } catch (error) {
            credentials = null;
            keep.drop();
            at('login').hidden = false;
            at('login-error').hidden = false;
            at('login-error').textContent = error.status === 401
              ? 'These credentials are wrong. Check the API key and secret.' : error.message;
            if (!silently) at('key').focus();
          }
        }
        at('login').addEventListener('submit', event => {
          event.preventDefault();
          at('login-error').hidden = true;
          signIn({ api_key: at('key').value.trim(), api_secret: at('secret').value.trim() });
          at('secret').value = '';
        });
        at('forget').addEventListener('click', () => { keep.drop(); location.replace(location.pathname); });
        at('form').addEventListener('submit', event => { event.preventDefault(); });
        at('actions').addEventListener('click', event => {
          const act = event.target.dataset.act;
          if (act) start(act);
        });
        at('cancel').addEventListener('click', cancel);
        document.addEventListener('keydown', event => { if (event.key === 'Escape') cancel(); });
        draw();
        fetch('/status').then(answer => answer.json()).then(status => {
          at('notice').hidden = !status.notice;
          at('notice').textContent = status.notice || '';
          if (!status.cameras.length) document.querySelector('input[value=upload]').checked = true;
        }).catch(() => {});
        const known = fromFragment() || keep.get();
        if (known) signIn(known, true); else { at('login').hidden = false; at('key').focus(); }
        """#
}
