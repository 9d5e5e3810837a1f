extension Pages {
    static let style = #"""
        :root {
          color-scheme: light dark;
          --ground: #f4f6f7; --card: #ffffff; --ink: #14212b; --soft: #52636f; --line: #d9e0e4;
          --brand: #0b5d6b; --brand-ink: #ffffff; --focus: #b45309;
          --good: #116b3c; --good-ground: #e3f4ea; --warn: #8a5300; --warn-ground: #fdf1d8;
          --bad: #a61b1b; --bad-ground: #fde8e8;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #0e161b; --card: #17222a; --ink: #eef3f5; --soft: #a3b4bf; --line: #2b3a44;
            --brand: #4fb8c9; --brand-ink: #06222a; --focus: #fbbf24;
            --good: #6ee7a0; --good-ground: #10301f; --warn: #fcd177; --warn-ground: #37280a;
            --bad: #fca5a5; --bad-ground: #3c1414;
          }
        }
        * { box-sizing: border-box; }
        html { font: 16px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
        body { margin: 0; background: var(--ground); color: var(--ink); min-height: 100vh; }
        [hidden] { display: none !important; }
        a { color: var(--brand); }
        :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
        .skip { position: absolute; left: -999rem; }
        .skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; z-index: 9; }
        .visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
        header.bar { display: flex; align-items: center; gap: .75rem; padding: 1rem clamp(1rem, 4vw, 2.5rem); }
        header.bar img { width: 2rem; height: 2rem; }
        header.bar strong { font-size: 1.15rem; letter-spacing: .01em; }
        header.bar nav { margin-left: auto; }
        main { padding: 0 clamp(1rem, 4vw, 2.5rem) 3rem; max-width: 72rem; margin: 0 auto; }
        h1 { font-size: clamp(1.5rem, 4vw, 2.1rem); line-height: 1.2; margin: .25rem 0; }
        h2 { font-size: 1.05rem; margin: 0 0 .75rem; }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.25rem; }
        .grid { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); }
        .soft { color: var(--soft); }
        .banner { border-radius: 14px; padding: 1.25rem; margin-bottom: 1rem; border: 1px solid transparent; }
        .banner p { margin: .25rem 0 0; }
        .good { background: var(--good-ground); color: var(--good); }
        .warn { background: var(--warn-ground); color: var(--warn); }
        .bad { background: var(--bad-ground); color: var(--bad); }
        .notice { background: #a61b1b; color: #fff; font-weight: 700; padding: .75rem 1.25rem; border-radius: 14px;
          margin-bottom: 1rem; }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: 1rem;
          margin: 0 0 1rem; }
        .figures div { background: var(--card); border: 1px solid var(--line); border-radius: 14px;
          padding: .9rem 1.25rem; }
        .figures dt { color: var(--soft); font-size: .875rem; }
        .figures dd { margin: 0; font-size: 1.5rem; font-weight: 650; font-variant-numeric: tabular-nums; }
        ul.plain { list-style: none; margin: 0; padding: 0; }
        ul.plain > li + li { border-top: 1px solid var(--line); margin-top: .75rem; padding-top: .75rem; }
        .row { display: flex; gap: .75rem; align-items: baseline; flex-wrap: wrap; }
        .row > :last-child { margin-left: auto; }
        .tag { border-radius: 99px; padding: .1rem .65rem; font-size: .8125rem; font-weight: 650; white-space: nowrap; }
        code { font: .875em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
        .remedy { margin: .25rem 0 0; }
        dl.pairs { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1rem; margin: 0; font-size: .9rem; }
        dl.pairs dt { color: var(--soft); }
        dl.pairs dd { margin: 0; text-align: right; overflow-wrap: anywhere; }

        form.stack { display: grid; gap: .35rem; max-width: 46rem; }
        form.stack textarea, form.stack select { font: .9rem ui-monospace, "DejaVu Sans Mono", monospace; padding: .5rem;
          border: 1px solid var(--line); border-radius: 10px; background: var(--ground); color: var(--ink); }
        pre { font: .85rem ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere;
          margin: .5rem 0; }

        /* The kiosk: made to be read at arm's length. */
        .kiosk main { max-width: 60rem; }
        .stage { display: grid; gap: 1.5rem; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
          align-items: stretch; }
        @media (max-width: 46rem) { .stage { grid-template-columns: 1fr; } }
        label { display: block; font-weight: 600; margin-bottom: .35rem; }
        input[type=text], input[type=password] { width: 100%; font: inherit; font-size: 1.125rem; padding: .75rem 1rem;
          border: 1px solid var(--soft); border-radius: 10px; background: var(--ground); color: var(--ink); }
        fieldset { border: 0; padding: 0; margin: 1rem 0 0; }
        legend { font-weight: 600; padding: 0; margin-bottom: .35rem; }
        .choice { display: flex; gap: .5rem; align-items: center; font-weight: 400; margin: 0; padding: .35rem 0; }
        .choice input { width: 1.15rem; height: 1.15rem; accent-color: var(--brand); }
        .buttons { display: grid; gap: .75rem; margin-top: 1.25rem; }
        button { font: inherit; font-size: 1.125rem; font-weight: 650; padding: .85rem 1.25rem; border-radius: 12px;
          border: 2px solid var(--brand); background: transparent; color: var(--brand); cursor: pointer; }
        button.main { background: var(--brand); color: var(--brand-ink); }
        button:hover { filter: brightness(1.08); }
        button:disabled { opacity: .55; cursor: default; }
        button.small { font-size: .9375rem; padding: .4rem .9rem; border-width: 1px; }
        .view { position: relative; aspect-ratio: 4 / 3; border-radius: 20px; overflow: hidden; background: #0d1b22;
          border: 4px solid var(--line); transition: border-color .2s; }
        .view.good { border-color: #22a565; } .view.bad { border-color: #d64545; } .view.busy { border-color: #2a93a5; }
        .view video, .view canvas { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: cover; }
        .view video { transform: scaleX(-1); }
        .verdict { position: absolute; inset: 0; display: grid; place-items: center; align-content: center; gap: .5rem;
          text-align: center; color: #fff; padding: 1.5rem; background: rgb(6 40 26 / .92); }
        .verdict.no { background: rgb(66 14 14 / .93); }
        .verdict svg { width: 5rem; height: 5rem; }
        .verdict strong { font-size: clamp(1.4rem, 4vw, 2rem); line-height: 1.2; overflow-wrap: anywhere; }
        .say { font-size: clamp(1.25rem, 3.5vw, 1.75rem); line-height: 1.3; font-weight: 650; min-height: 2.6em;
          margin: 1rem 0 .5rem; }
        progress { width: 100%; height: 1rem; border: 0; border-radius: 99px; overflow: hidden; background: var(--line); }
        progress::-webkit-progress-bar { background: var(--line); }
        progress::-webkit-progress-value { background: var(--brand); transition: width .25s; }
        progress::-moz-progress-bar { background: var(--brand); }
        @media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
        """#
}
