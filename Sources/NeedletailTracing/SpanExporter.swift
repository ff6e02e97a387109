//! Sends spans to a collector, in batches, from a task off the event loops: when a batch is full, and otherwise once in an
//! interval. A batch that the collector does not take is tried again a few times and then dropped.

internal import Foundation
package import NIOCore

/// How batches reach the collector: one HTTP request each. Whoever has an HTTP client makes it.
package protocol SpanTransport: Sendable {
    /// Posts a body of JSON.
    /// - Returns: the status of the answer.
    func post(_ body: ByteBuffer) async throws -> Int

    /// Called once, when nothing will be posted any more.
    func close() async
}

/// Exports the spans of a queue.
package struct SpanExporter: Sendable {
    /// How long spans wait for others, at most.
    package static let interval = Duration.seconds(1)
    /// How often a batch is tried, and how long after the first failure; then twice as long.
    static let triesMax = 3
    static let firstPause = Duration.milliseconds(200)
    /// How long the last spans may take when the server stops.
    package static let lastSpansMax = Duration.seconds(2)

    private let queue: SpanQueue
    private let transport: any SpanTransport
    private let serviceVersion: String
    private let interval: Duration

    package init(
        _ queue: SpanQueue, to transport: any SpanTransport, serviceVersion: String,
        interval: Duration = SpanExporter.interval
    ) {
        self.queue = queue
        self.transport = transport
        self.serviceVersion = serviceVersion
        self.interval = interval
    }

    /// Exports until the task is cancelled; then the batch that is under way and what is left, as far as there is time.
    package func run() async {
        let (wakeUps, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        // Not cancelled with this task, which would cancel the request that is under way.
        let export = Task {
            for await _ in wakeUps { await exportAll() }
            await exportAll()
        }
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                while (try? await Task.sleep(for: interval)) != nil { queue.wakeUp() }
            }
            for await _ in queue.wakeUps { wake.yield() }
            tasks.cancelAll()
        }
        wake.finish()
        let end = Task {
            if (try? await Task.sleep(for: Self.lastSpansMax)) != nil { export.cancel() }
        }
        await export.value
        end.cancel()
        dropRest()
        await transport.close()
    }

    /// What there was no time for.
    private func dropRest() {
        while true {
            let count = queue.take().count
            guard count > 0 else { return }
            queue.noteDropped(count)
        }
    }

    private func exportAll() async {
        while !Task.isCancelled {
            let batch = queue.take()
            guard !batch.isEmpty else { return }
            if await send(batch) { queue.noteExported(batch.count) } else { queue.noteDropped(batch.count) }
        }
    }

    /// - Returns: whether the collector has taken the batch.
    private func send(_ batch: [OTLPSpan.Record]) async -> Bool {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // As JSON of Protocol Buffers has them; without it one such attribute would cost the batch.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        guard let json = try? encoder.encode(OTLPRequest(batch, serviceVersion: serviceVersion)) else { return false }
        let body = ByteBuffer(bytes: json)
        var pause = Self.firstPause
        for number in 1...Self.triesMax {
            let status = try? await transport.post(body)
            if let status, 200..<300 ~= status { return true }
            // What a collector does not understand it will not understand later.
            if let status, !Self.passingStatuses.contains(status) { return false }
            guard number < Self.triesMax, (try? await Task.sleep(for: pause)) != nil else { return false }
            pause *= 2
        }
        return false
    }

    /// Those after which OTLP has clients try again.
    private static let passingStatuses = [429, 502, 503, 504]
}
