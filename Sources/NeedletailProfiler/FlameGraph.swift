//! Draws a profile as a flame graph (after Brendan Gregg's): a box for each function, as wide as the CPU time that was spent in
//! it and in what it called, which stands below it. One SVG without scripts and without anything from elsewhere; a box
//! shows its whole name when it is pointed at.

/// A flame graph as SVG.
package struct FlameGraph {
    /// In the drawing's own units; it is shown as wide as there is room.
    private static let width = 1_200.0
    private static let rowHeight = 18.0
    private static let margin = 10.0
    private static let headHeight = 44.0
    /// Characters of the font that boxes are labelled in, at 11 units.
    private static let characterWidth = 6.7
    /// Narrower boxes are left out: nobody sees them, and there can be any number.
    private static let boxWidthMin = 0.3
    /// If there are more, the narrowest of them are left out: a page of some megabytes.
    static let boxesMax = 10_000

    /// A function as it was called from one place.
    private final class Box {
        var count = 0
        var children: [String: Box] = [:]

        func child(_ name: String) -> Box {
            if let child = children[name] { return child }
            let child = Box()
            children[name] = child
            return child
        }

        /// Of this box and all below it.
        func forEachCount(_ body: (Int) -> Void) {
            body(count)
            for child in children.values { child.forEachCount(body) }
        }
    }

    private let profile: StackProfile
    private let title: String
    private let root = Box()
    private var boxes = ""
    private var depth = 0
    /// Boxes of fewer samples are left out.
    private var countMin = 0

    /// - Parameter title: what stands above it.
    package static func svg(_ profile: StackProfile, title: String) -> String {
        FlameGraph(profile, title: title).document
    }

    private init(_ profile: StackProfile, title: String) {
        self.profile = profile
        self.title = title
        for line in profile.lines {
            root.count += line.count
            var box = root
            for name in [line.thread] + line.frames {
                box = box.child(name)
                box.count += line.count
            }
        }
        var counts: [Int] = []
        let widthOfSample = widthOfSample
        root.forEachCount { if Double($0) * widthOfSample >= Self.boxWidthMin { counts.append($0) } }
        if counts.count > Self.boxesMax { countMin = counts.sorted(by: >)[Self.boxesMax] + 1 }
        draw("all threads", root, left: Self.margin, row: 0, widthOfSample: widthOfSample)
    }

    private var widthOfSample: Double { (Self.width - 2 * Self.margin) / Double(max(root.count, 1)) }

    private mutating func draw(_ name: String, _ box: Box, left: Double, row: Int, widthOfSample: Double) {
        let width = Double(box.count) * widthOfSample
        guard width >= Self.boxWidthMin, box.count >= countMin else { return }
        depth = max(depth, row + 1)
        let top = Self.headHeight + Double(row) * Self.rowHeight
        let share = Double(box.count) * 100 / Double(max(root.count, 1))
        boxes += "<g><title>\(Self.escaped(name)): \(box.count) samples, \(Self.decimal(share))%</title>"
        boxes += "<rect x=\"\(Self.decimal(left))\" y=\"\(Self.decimal(top))\" width=\"\(Self.decimal(width))\""
        boxes += " height=\"\(Self.decimal(Self.rowHeight - 1))\" rx=\"1.5\" fill=\"\(Self.colour(name, row: row))\"/>"
        let characters = Int((width - 6) / Self.characterWidth)
        if characters >= 3 {
            let label = name.count <= characters ? name : Self.shortened(name, to: characters)
            boxes +=
                "<text x=\"\(Self.decimal(left + 3))\" y=\"\(Self.decimal(top + 12.5))\">\(Self.escaped(label))</text>"
        }
        boxes += "</g>\n"
        var left = left
        for (name, child) in box.children.sorted(by: { $0.key < $1.key }) {
            draw(name, child, left: left, row: row + 1, widthOfSample: widthOfSample)
            left += Double(child.count) * widthOfSample
        }
    }

    private var document: String {
        let height = Self.decimal(Self.headHeight + Double(depth) * Self.rowHeight + Self.margin)
        let lost = profile.lost > 0 ? ", \(profile.lost) lost" : ""
        let empty = root.count == 0 ? "No thread used CPU time while it was looked at." : ""
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.decimal(Self.width)) \(height)" width="100%" role="img">
            <title>\(Self.escaped(title))</title>
            <style>
            svg { background: #fff; font: 11px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace }
            text { fill: #1a1a1a; pointer-events: none } .head { font-size: 15px; font-weight: 600 }
            g:hover rect { stroke: #000; stroke-width: 1 }
            @media (prefers-color-scheme: dark) {
              svg { background: #16181c } .head, .note { fill: #e8e8e8 } g:hover rect { stroke: #fff }
            }
            </style>
            <text class="head" x="10" y="20">\(Self.escaped(title))</text>
            <text class="note" x="10" y="36">\(root.count) samples\(lost). Wide is CPU time; callers stand above what they call. \(empty)</text>
            \(boxes)</svg>

            """
    }

    /// The end of a qualified name says more than its beginning.
    private static func shortened(_ name: String, to characters: Int) -> String {
        let ends = name.split(separator: " in ").map { $0.split(separator: ".").suffix(2).joined(separator: ".") }
        let short = ends.joined(separator: " in ")
        return short.count <= characters ? short : short.prefix(characters - 1) + "…"
    }

    /// The same for the same name in every graph; light enough for dark text.
    private static func colour(_ name: String, row: Int) -> String {
        if row == 0 { return "#c9ced6" }
        if row == 1 { return "#a9c4e8" }
        // FNV-1a, so that a name has its colour in every run.
        let hash = name.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        return "hsl(\(18 + hash % 34) \(72 + hash / 64 % 20)% \(64 + hash / 4_096 % 12)%)"
    }

    /// With two digits behind the point.
    private static func decimal(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        return hundredths % 100 == 0
            ? "\(hundredths / 100)" : "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            // XML has no other control characters.
            case _ where scalar.value < 0x20: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
