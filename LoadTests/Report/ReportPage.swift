//! A page that needs nothing else: no script, no font, no picture from elsewhere. Light or dark as the reader's system is;
//! plots are there twice, for a desk and for a phone, of which one is shown.

struct ReportPage: Sendable {
    enum Element: Sendable {
        case heading(String)
        case paragraph(String)
        /// What must not be overlooked.
        case verdict(String, isGood: Bool)
        case table(ReportTable)
        case plot(any Plot)
        /// Words to be typed, or read by a machine.
        case code(String)
    }

    var title: String
    var elements: [Element]

    var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(escaped(title))</title>
        <style>
        \(Self.style)
        \(PlotColour.style)
        </style>
        </head>
        <body>
        <main>
        <h1>\(escaped(title))</h1>
        \(elements.map(Self.html).joined(separator: "\n"))
        </main>
        </body>
        </html>

        """
    }

    private static func html(_ element: Element) -> String {
        switch element {
        case .heading(let text): "<h2>\(escaped(text))</h2>"
        case .paragraph(let text): "<p>\(escaped(text))</p>"
        case .verdict(let text, let isGood): "<p class=\"verdict \(isGood ? "good" : "bad")\">\(escaped(text))</p>"
        case .table(let table): table.html
        case .plot(let plot):
            """
            <figure>
            <div class="wide">\(plot.svg(.wide))</div>
            <div class="narrow">\(plot.svg(.narrow))</div>
            </figure>
            """
        case .code(let text): "<pre>\(escaped(text))</pre>"
        }
    }

    private static let style = """
        :root{color-scheme:light dark;--ink:#1f2328;--soft:#57606a;--back:#f5f6f8;--card:#fff;--rule:#dde2e7;\
        --good:#1a7f4b;--bad:#b3261e}
        @media (prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#a3acb7;--back:#0b0e12;--card:#12161c;\
        --rule:#303843;--good:#4cc38a;--bad:#ff8a80}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--back);color:var(--ink);font:16px/1.55 \(PlotText.fonts)}
        main{max-width:768px;margin:0 auto;padding:24px}
        h1{font-size:1.6em;line-height:1.25;margin:.4em 0}
        h2{font-size:1.2em;margin:2em 0 .5em}
        p,pre{overflow-wrap:anywhere}
        pre{white-space:pre-wrap;font-size:.85em;background:var(--card);border:1px solid var(--rule);border-radius:6px;\
        padding:10px}
        .verdict{background:var(--card);border-left:4px solid var(--soft);padding:8px 12px;border-radius:4px}
        .good{border-color:var(--good)}
        .bad{border-color:var(--bad)}
        figure{margin:16px 0}
        figure svg{display:block;max-width:100%;height:auto;margin:0 auto}
        .narrow{display:none}
        .table{overflow-x:auto;background:var(--card);border:1px solid var(--rule);border-radius:6px;margin:16px 0}
        table{border-collapse:collapse;width:100%;font-size:.85em;font-variant-numeric:tabular-nums}
        th,td{padding:6px 10px;text-align:right;border-bottom:1px solid var(--rule);vertical-align:bottom}
        td{white-space:nowrap}
        tbody tr:last-child>*{border-bottom:0}
        th:first-child{text-align:left;position:sticky;left:0;background:var(--card)}
        tbody th{font-weight:400}
        thead th{color:var(--soft);font-weight:600}
        @media (max-width:767px){main{padding:16px 8px}.wide{display:none}.narrow{display:block}\
        th:first-child{max-width:44vw}}
        """
}
