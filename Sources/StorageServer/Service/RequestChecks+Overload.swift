//! Refusing calls with many keys before these are read. In overload most calls are refused, and to decode a thousand keys
//! takes a third of the time that a refusal takes; to pass over them on the way to the call's budget takes much less.

internal import NeedletailRPC
internal import NeedletailTelemetry
internal import NeedletailWire
internal import StorageAPI

extension RequestChecks {
    private static let arguments = FieldTable(("request", 1))
    /// Where requests with many keys say who calls, and for how long.
    private static let requestFields = FieldTable(("context", 255))

    /// Answers a call that is under pressure and will not be executed, if that can be told without decoding it.
    /// - Returns: nil if it is to be served, or decoded to be refused; then nothing has been read or written.
    @inline(__always)
    @_lifetime(reader: copy reader)
    func refuseUnread<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) -> CallOutcome? {
        if times.pressure == .none { return nil }
        return refuseUnreadUnderPressure(head, times, &reader, &writer)
    }

    @inline(never)
    @_lifetime(reader: copy reader)
    private func refuseUnreadUnderPressure<
        Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable
    >(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) -> CallOutcome? {
        guard head.isFor("Storage"), let method = StorageMethod(head.method) else { return nil }
        let failed: Bool
        switch method {
        case .multiGet: failed = refuse(StorageMethods.MultiGet.self, method.rawValue, head, times, &reader, &writer)
        case .multiPut: failed = refuse(StorageMethods.MultiPut.self, method.rawValue, head, times, &reader, &writer)
        case .multiRemove:
            failed = refuse(StorageMethods.MultiRemove.self, method.rawValue, head, times, &reader, &writer)
        default: return nil
        }
        return failed ? CallOutcome(method, .written) : nil
    }

    @_lifetime(reader: copy reader)
    private func refuse<
        Method: RPCMethod, Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable
    >(
        _ method: Method.Type, _ number: Int, _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader,
        _ writer: inout Writer
    ) -> Bool where Method.Failure == StorageError {
        let start = reader.offset
        do {
            let context = try Self.passOver(&reader)
            try context?.validate()
            let call = Call<Method>(head, times, reader, writer)
            do throws(StorageError) {
                _ = try checkDeadline(context, call)
            } catch {
                begin(context, call)
                _ = call.fail(error, from: writer.mark, &writer)
                answered(number, Writer.format, threw: error)
                return true
            }
        } catch {}
        // It is served, or what is wrong with it is found by who decodes it.
        reader.restart(at: start)
        return false
    }

    /// Passes over the arguments, but for what the request says of its caller.
    @_lifetime(reader: copy reader)
    private static func passOver<Reader: MessageReader & ~Copyable & ~Escapable>(
        _ reader: inout Reader
    ) throws(WireError) -> RequestContext? {
        var context: RequestContext?
        var scope = try reader.beginArguments()
        while let argument = try reader.nextArgument(&scope, in: arguments) {
            guard argument.id == 1, argument.holds(.structure) else {
                try reader.skip(argument)
                continue
            }
            var request = try reader.beginStruct()
            while let field = try reader.nextField(&request, in: requestFields) {
                if field.id == 255, field.holds(.structure) {
                    context = try RequestContext(from: &reader)
                } else {
                    try reader.skip(field)
                }
            }
        }
        return context
    }
}
