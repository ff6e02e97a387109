//! A server of one thread and one connection that answers requests of a fixed size with a fixed answer, and stands still
//! once for as long as it is told. Nothing of it is left when it goes.

internal import Foundation

@testable internal import needletail_load

final class FakeServer: Sendable {
    let address: Address
    private let listener: Int32
    private let done = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - answer: to each request of `requestSize` bytes.
    ///   - freezeMillis: how long it stands still, once, some 300 ms after the first request.
    ///   - answersMax: after so many answers it answers no more.
    init(requestSize: Int, answer: [UInt8], freezeMillis: Int = 0, answersMax: Int = .max) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isListening = unsafe withUnsafeMutablePointer(to: &name) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(listener, $0, size) == 0 && listen(listener, 8) == 0
                    && getsockname(listener, $0, &size) == 0
            }
        }
        guard isListening else { throw SystemError.last("listen") }
        address = .loopback(Int(UInt16(bigEndian: name.sin_port)))
        Thread { [listener, done] in
            let connection = accept(listener, nil, nil)
            if connection >= 0 {
                Self.serve(connection, requestSize, answer, freezeMillis, answersMax)
                close(connection)
            }
            done.signal()
        }.start()
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        done.wait()
        close(listener)
    }

    private static func serve(
        _ connection: Int32, _ requestSize: Int, _ answer: [UInt8], _ freezeMillis: Int, _ answersMax: Int
    ) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var pending = 0
        var answersLeft = answersMax
        var freezeAt: Date?
        var isFrozen = false
        while case let count = unsafe recv(connection, &buffer, buffer.count, 0), count > 0 {
            let now = Date()
            if freezeAt == nil { freezeAt = now.addingTimeInterval(0.3) }
            if freezeMillis > 0, !isFrozen, let freezeAt, now >= freezeAt {
                isFrozen = true
                Thread.sleep(forTimeInterval: Double(freezeMillis) / 1_000)
            }
            pending += count
            let answers = min(pending / requestSize, answersLeft)
            pending -= answers * requestSize
            answersLeft -= answers
            let bytes = Array(repeatElement(answer, count: answers).joined())
            if !bytes.isEmpty { _ = unsafe send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
        }
    }
}

/// Runs what blocks on a thread of its own, off the threads that all tests of the process share.
func onOwnThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread {
            let cores = CoreSet.current()
            let result = Swift.Result { try body() }
            // A command keeps its thread on one core, and whoever goes on may need a thread, which inherits that.
            cores.apply()
            continuation.resume(with: result)
        }.start()
    }
}
