/// The page at `/`: the figures of `/stats`, drawn anew every two seconds, without anything from elsewhere.
enum AdminPage {
    static let html = """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>Needletail</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <style>
        :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
        body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
        h1 { font-size: 1.4rem } h2 { font-size: 1rem; margin: 1.5rem 0 .3rem }
        table { border-collapse: collapse; width: 100% }
        th, td { text-align: left; padding: .2rem .6rem; border-bottom: 1px solid #8884 }
        td:last-child, th:last-child { text-align: right; font-variant-numeric: tabular-nums }
        #state { font-weight: 600 }
        </style></head><body>
        <h1>Needletail <span id="state"></span></h1>
        <div id="tables"></div>
        <p><a href="/stats">stats</a> · <a href="/metrics">metrics</a> · <a href="/healthz">healthz</a> ·
        <a href="/readyz">readyz</a></p>
        <script>
        const label = key => key.replace(/([A-Z])/g, ' $1').toLowerCase();
        const show = (key, value) => /Bytes$/.test(key) ? (value / 1048576).toFixed(1) + ' MiB'
          : /Seconds$/.test(key) ? value.toFixed(1) + ' s' : value.toLocaleString();
        const table = (title, rows) => '<h2>' + title + '</h2><table>' + rows.map(([key, value]) =>
          '<tr><td>' + label(key) + '</td><td>' + show(key, value) + '</td></tr>').join('') + '</table>';
        async function draw() {
          const state = document.getElementById('state');
          try {
            const stats = await (await fetch('/stats')).json();
            state.textContent = stats.ready ? '· ready' : '· not ready';
            const plain = Object.entries(stats).filter(([, value]) => typeof value !== 'object');
            document.getElementById('tables').innerHTML = table('Server', plain)
              + table('Engine', Object.entries(stats.engine))
              + (stats.log ? table('Log', Object.entries(stats.log)) : '')
              + table('Overload', Object.entries(stats.admission).filter(([, value]) => typeof value === 'number'))
              + table('Calls', stats.methods.map(method => [method.method, method.requests]))
              + table('Slowest 1% of calls take at least (us)',
                stats.methods.filter(method => method.requests > 0).map(method => [method.method, method.p99Micros]))
              + table('Process', Object.entries(stats.process));
          } catch (error) { state.textContent = '· unreachable'; }
        }
        draw(); setInterval(draw, 2000);
        </script></body></html>
        """
}
