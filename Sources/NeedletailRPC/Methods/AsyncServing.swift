public import NIOCore
internal import NeedletailWire

/// Reads the arguments of a call and has `body` answer it, in a task of its own: what the generated async services are made
/// of. The arguments are the task's own.
@_lifetime(reader: copy reader)
public func serveLater<
    Method: RPCMethod, Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable
>(
    _ method: Method.Type, _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader,
    _ writer: inout Writer, _ eventLoop: any EventLoop,
    _ body: @escaping @Sendable (Method.Arguments, CallContext) async throws(Method.Failure) -> Method.Result
) throws(CallRefusal) -> Reply {
    let arguments: Method.Arguments
    do throws(WireError) {
        try reader.ownArguments()
        arguments = try Method.Arguments(arguments: &reader)
    } catch { throw .undecodable(error) }
    do throws(ValidationError) { try arguments.validate() } catch { throw .invalid(error) }
    return Call<Method>(head, times, reader, writer).later(on: eventLoop) { (context) async throws(Method.Failure) in
        try await body(arguments, context)
    }
}
