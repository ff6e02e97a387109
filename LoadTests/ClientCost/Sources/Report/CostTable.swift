//! Rounds as a table: medians of the figures, and of the rounds' ratios.

internal import Foundation

struct CostTable {
    let inFlight: Int
    /// Of each round, what each contender took.
    var rounds: [[(contender: Contender, sample: CallSample)]] = []

    /// Markdown.
    var markdown: [String] {
        let head = inFlight == 1 ? "one call at a time" : "\(inFlight) calls in flight"
        var lines = ["| \(head) | calls/s | client CPU per call, us | of grpc-swift-2 |", "|---|---|---|---|"]
        for index in rounds.first?.indices ?? 0..<0 {
            let samples = rounds.map { $0[index].sample }
            let ratios = rounds.compactMap { round in
                round.first { $0.contender.isGRPC }.map {
                    round[index].sample.cpuMicrosecondsPerCall / $0.sample.cpuMicrosecondsPerCall
                }
            }
            let cells = [
                rounds[0][index].contender.title,
                Int(median(samples.map(\.callsPerSecond))).formatted(.number.locale(Locale(identifier: "en_US"))),
                String(format: "%.2f", median(samples.map(\.cpuMicrosecondsPerCall))),
                String(format: "%.2f", median(ratios)),
            ]
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        return lines
    }

    /// The middle; the mean of the two in the middle where their count is even.
    private func median(_ numbers: [Double]) -> Double {
        let sorted = numbers.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
