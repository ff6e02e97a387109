//! Curves drawn: what a request costs over what grows.

enum ScalePlots {
    /// A file for each curve that has two points or more, by the axis' name.
    static func files(_ curves: [ScaleCurve]) -> [(name: String, text: String)] {
        curves.compactMap { curve in plot(curve).map { ("scale-\(curve.axis.rawValue).svg", $0.svgFile) } }
    }

    static func plot(_ curve: ScaleCurve) -> CurvePlot? {
        let figure: (ScalePoint) -> Double? = curve.axis == .eventLoops ? \.rate : \.nanosecondsPerKey
        let curves = curve.series.enumerated().compactMap { index, points -> CurvePlot.Curve? in
            let places = points.compactMap { point in
                figure(point).map { CurvePlot.Point(x: Double(point.value), y: $0) }
            }
            guard places.count > 1 else { return nil }
            let name = curve.axis == .keysPerCall ? "multiGet" : points.first?.shape.title ?? ""
            return CurvePlot.Curve(name: name, colour: index % PlotColour.seriesMax, points: places)
        }
        let places = curves.flatMap(\.points)
        guard !places.isEmpty else { return nil }
        let x = places.map(\.x)
        let y = places.map(\.y)
        return CurvePlot(
            title: title(curve.axis),
            x: PlotAxis(
                title: curve.axis.title,
                scale: curve.axis == .eventLoops ? .fromZero(around: x) : .logarithmic(around: x)),
            y: PlotAxis(
                title: curve.axis == .eventLoops ? "requests per second (closed loop)" : "server CPU per key, ns",
                scale: curve.axis == .eventLoops ? .fromZero(around: y) : .logarithmic(around: y)),
            curves: curves)
    }

    private static func title(_ axis: ScaleAxis) -> String {
        switch axis {
        case .keys: "What a key costs, by the keys in the store"
        case .connections: "What a get costs, by connections"
        case .eventLoops: "Throughput, by event loops"
        case .keysPerCall: "What a key costs, by the keys of its call"
        }
    }
}
