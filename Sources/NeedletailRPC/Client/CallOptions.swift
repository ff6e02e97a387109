/// What one call asks for beside its arguments. What it leaves out, the client's configuration says.
public struct CallOptions: Sendable, Hashable {
    /// How long the call may take as a whole, from when it is made; the server is told, too.
    public var timeout: Duration?
    /// What travels with the call; it goes before what the client sends with all, and its baggage is added to theirs.
    public var metadata: CallMetadata

    public init(timeout: Duration? = nil, metadata: CallMetadata = CallMetadata()) {
        self.timeout = timeout
        self.metadata = metadata
    }
}
