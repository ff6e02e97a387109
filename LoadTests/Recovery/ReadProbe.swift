//! Asks a server that has just been started for one entry, over and over, until the answer is right. While a server loads
//! it takes no connections, or answers with an error: both mean "not yet".

internal import Timing

struct ReadProbe<Driver: LoadDriver> {
    private let keys: KeySpace
    private let entry: UInt32
    private let expected: [UInt8]?
    private let driver: Driver

    /// - Parameters:
    ///   - entry: the entry to ask for.
    ///   - isThere: whether its value is the right answer; else, that there is none.
    init(_ keys: KeySpace, entry: Int, isThere: Bool) {
        self.keys = keys
        self.entry = UInt32(entry)
        expected = isThere ? keys.value(UInt32(entry)) : nil
        driver = Driver(.get, keys)
    }

    /// Waits for the right answer.
    /// - Returns: when it had come.
    /// - Throws: if the process ends first, or the time is over.
    func wait(for child: ChildProcess, at address: Address) throws -> MonotonicTime {
        let clock = Clock.system
        let end = clock.now().advanced(byMilliseconds: RecoveryBounds.firstReadMillisMax)
        var connection: Socket?
        defer { connection?.closeDescriptor() }
        var last = "nothing"
        while clock.now() < end {
            try Interruption.check()
            guard child.isRunning else { throw ServerError("the server ended while it was loading") }
            do {
                let socket = try connection ?? Socket.connect(to: address)
                connection = socket
                socket.setTimeout(seconds: RecoveryBounds.answerSecondsMax)
                let answer = try ask(socket)
                do {
                    if try driver.decode(answer).values == [expected] { return clock.now() }
                    last = text(answer)
                } catch {
                    last = "\(error)"
                }
            } catch {
                connection?.closeDescriptor()
                connection = nil
                last = "\(error)"
            }
            ThreadTime.sleep(milliseconds: RecoveryBounds.pollMillis)
        }
        throw ServerError("the server did not answer a read in time; at last: \(last)")
    }

    /// One call.
    private func ask(_ socket: Socket) throws -> [UInt8] {
        let request = ByteQueue(capacity: RecoveryBounds.receiveSize)
        var chooser = KeyChooser(.sequential, seed: UInt64(entry), count: keys.count)
        request.append(driver.template, id: 1, &chooser)
        guard try request.send(to: socket) else { throw ServerError("a call was not taken in time") }
        let answer = ByteQueue(capacity: RecoveryBounds.receiveSize)
        var scan = AnswerScan()
        while true {
            guard let count = try answer.receive(from: socket, room: RecoveryBounds.receiveSize), count > 0 else {
                throw ServerError("no answer came")
            }
            if try answer.withBytes({ bytes throws(MalformedAnswer) in try driver.scan(bytes, &scan) }) { break }
        }
        return answer.withBytes { $0.array(0..<scan.offset) }
    }
}

/// Bounds of the recovery's measurement.
enum RecoveryBounds {
    /// Between two questions to a server that is not there yet: what a start is measured to.
    static let pollMillis = 1
    /// After a question, how long to wait for the answer before it is asked on another connection.
    static let answerSecondsMax = 10
    /// From a server's start to the first right answer.
    static let firstReadMillisMax: Int64 = 600_000
    /// For its log to say how long loading took, once it answers.
    static let reportMillisMax = 2_000
    static let receiveSize = 65_536
    /// Bytes of memory that the kernel is to have ready for each byte of key and value: both servers need less.
    static let memoryPerByte = 2
    /// Loads and reads that run over a log's contents, of each connection at a time.
    static let connections = 50
}
