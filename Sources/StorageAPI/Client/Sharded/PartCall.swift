internal import NeedletailRPC
internal import NeedletailWire

/// What one server's part of a call over many keys is made with.
struct PartCall {
    let server: StorageClient
    let options: CallOptions
}

extension ShardedStorageClient {
    /// - Parameters:
    ///   - context: the request's.
    ///   - options: the call's; nil for the server's own.
    func call(
        of part: KeySplit.Part, _ context: RequestContext?, _ options: CallOptions?
    ) -> PartCall {
        let server = servers[part.server]
        let options = options ?? server.options
        let deadline = PartDeadline(context, options)
        return PartCall(server: server, options: deadline.applied(to: options))
    }

    /// Refuses a request whose rules do not hold, before a server has seen any part of it.
    static func check(_ validate: () throws(ValidationError) -> Void) throws(CallFailure<StorageError>) {
        do throws(ValidationError) { try validate() } catch { throw .refused(.invalidArgument, "\(error)") }
    }
}
