internal import NIOCore
internal import NeedletailRPC
internal import NeedletailWire
internal import StorageEngine

/// A `MultiGetResponse` of what a read has found so far, encoded from where it lies.
struct MultiReadResult: AnswerBody {
    private let values: [ByteBuffer]
    private let statuses: [EngineKeyStatus]

    /// Keys that were read and found, or are missing; and those that were read, and did not fit into the answer.
    let hits: Int
    let misses: Int
    let tooLarge: Int

    /// - Parameter valueBytesMax: further values are TOO_LARGE.
    init(_ read: MultiRead, valueBytesMax: Int) {
        values = read.values
        var statuses = read.statuses
        var bytes = 0
        var (hits, misses, tooLarge) = (0, 0, 0)
        for index in statuses.indices {
            switch statuses[index] {
            case .found where bytes + values[index].readableBytes > valueBytesMax:
                statuses[index] = .tooLarge
                tooLarge += 1
            case .found:
                bytes += values[index].readableBytes
                hits += 1
            case .missing: misses += 1
            case .tooLarge: tooLarge += 1
            case .deadlineExceeded, .failed, .shed, .stored: break
            }
        }
        self.statuses = statuses
        (self.hits, self.misses, self.tooLarge) = (hits, misses, tooLarge)
    }

    /// Keys that have no answer.
    var late: Int { statuses.reduce(0) { $0 + ($1 == .deadlineExceeded ? 1 : 0) } }

    func write<Writer: MessageWriter & ~Copyable>(_ head: AnswerHead, to writer: inout Writer) {
        writer.beginResult(head, .structure)
        var scope = writer.beginStruct(fieldCount: 3)
        writer.field(&scope, 1, "values", .list)
        writer.beginList(of: .binary, count: values.count)
        for index in statuses.indices {
            if statuses[index] == .found { writer.write(values[index]) } else { writer.writeAbsentBinary() }
        }
        writer.field(&scope, 2, "statuses", .binary)
        writer.write(ByteBuffer(bytes: statuses.lazy.map(\.rawValue)))
        writer.field(&scope, 4, "complete", .bool)
        writer.write(hits + misses == statuses.count)
        writer.endStruct()
        writer.endResult()
    }
}
