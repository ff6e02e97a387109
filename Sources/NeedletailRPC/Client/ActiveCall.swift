//! A call as its client's core (ClientCore.swift) and connections see it, on their event loop.
//!
//! Always true: its connection is the one in whose queue it is, or that it was sent on; it has its bytes until they are
//! given to that connection's channel, or until it ends.

internal import NIOCore
internal import Timing

/// A call from when the event loop takes it until it ends.
final class ActiveCall {
    enum Stage {
        case waiting
        case queued
        case writing
        case sent

        var phase: CallPhase {
            switch self {
            case .waiting: .connect
            case .queued, .writing: .write
            case .sent: .read
            }
        }

        /// Whether a call that ends here may have been executed.
        var effect: CallEffect {
            switch self {
            case .waiting, .queued: .notExecuted
            case .writing, .sent: .unknown
            }
        }
    }

    let id: UInt32
    /// Which method it calls, for its bound on calls in flight.
    let method: ObjectIdentifier
    let isOneway: Bool
    /// It asks for a sign of life: it is about its connection, and goes to no other.
    let isProbe: Bool
    /// When its time is over as a whole.
    let deadline: MonotonicTime
    private let completion: ClientCall.Completion
    /// Its bytes, until they are given to a channel.
    private(set) var message: ByteBuffer
    var stage = Stage.waiting
    /// When its time is over, as a whole or in this stage.
    var expiry: MonotonicTime
    var connection: ClientConnection?
    var sentAt: MonotonicTime?
    /// It was completed; queues pass it over.
    private(set) var hasEnded = false

    init(_ call: ClientCall, isProbe: Bool = false) {
        self.isProbe = isProbe
        id = call.ticket.id
        method = call.method
        isOneway = call.isOneway
        deadline = call.deadline
        completion = call.completion
        message = call.message
        expiry = call.deadline
    }

    /// Its bytes, which it keeps no longer.
    func takeMessage() -> ByteBuffer {
        defer { message = ByteBuffer() }
        return message
    }

    /// Tells how it ended: exactly once.
    func complete(_ outcome: ClientCall.Outcome) {
        hasEnded = true
        message = ByteBuffer()
        completion.resume(outcome)
    }
}
