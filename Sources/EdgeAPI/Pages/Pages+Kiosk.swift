extension Pages {
    static let kiosk = #"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="referrer" content="no-referrer">
        <title>edged: kiosk</title>
        <link rel="icon" href="/favicon.ico">
        <link rel="stylesheet" href="/assets/edged.css">
        <script src="/assets/kiosk.js" defer></script>
        </head>
        <body class="kiosk">
        <a class="skip" href="#main">Skip to the kiosk</a>
        <header class="bar"><img src="/favicon.ico" alt=""><strong>edged</strong>
        <nav><a href="/">Status</a> <button type="button" class="small" id="forget" hidden>Sign out</button></nav></header>
        <main id="main">
        <noscript><p class="banner warn">The kiosk needs JavaScript.</p></noscript>
        <div id="notice" class="notice" role="alert" hidden></div>

        <form id="login" class="card" hidden autocomplete="off">
        <h1>Connect this kiosk</h1>
        <p class="soft">Enter the API key and secret that <code>edged clients create</code> printed. They stay in this
        browser tab only.</p>
        <p><label for="key">API key</label><input id="key" type="text" required spellcheck="false" autocapitalize="off"></p>
        <p><label for="secret">API secret</label><input id="secret" type="password" required></p>
        <p id="login-error" role="alert" class="banner bad" hidden></p>
        <div class="buttons"><button class="main">Connect</button></div>
        </form>

        <div id="app" class="stage" hidden>
        <section aria-label="Camera and progress">
        <div class="view" id="view">
        <video id="video" playsinline muted hidden></video>
        <canvas id="drawing" width="640" height="480" aria-hidden="true"></canvas>
        <div id="verdict" class="verdict" hidden></div>
        </div>
        <p id="say" class="say" role="status" aria-live="polite">Enter a name and choose what to do.</p>
        <progress id="progress" max="100" value="0" aria-label="Progress" hidden></progress>
        <p id="detail" class="soft"></p>
        </section>
        <form id="form" class="card" autocomplete="off">
        <h1>Hello</h1>
        <p><label for="user">User id</label>
        <input id="user" type="text" maxlength="100" placeholder="for example alice" spellcheck="false" autocapitalize="off"
        aria-describedby="user-help"></p>
        <p class="soft" id="user-help">Needed to enroll and to verify; not to identify.</p>
        <fieldset><legend>Which camera?</legend>
        <label class="choice"><input type="radio" name="source" value="camera" checked> This device’s camera</label>
        <label class="choice"><input type="radio" name="source" value="upload"> This browser’s camera</label></fieldset>
        <div class="buttons" id="actions">
        <button type="button" class="main" data-act="enroll">Enroll</button>
        <button type="button" class="main" data-act="verify">Verify</button>
        <button type="button" data-act="identify">Identify</button>
        </div>
        <div class="buttons"><button type="button" id="cancel" hidden>Cancel</button></div>
        </form>
        </div>
        </main>
        </body>
        </html>
        """#
}
