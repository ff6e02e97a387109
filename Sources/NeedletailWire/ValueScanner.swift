/// Finds where a value ends without understanding it, and remembers how far it came.
///
/// One walk serves two needs: a reader that passes over a field nobody knows, and a connection that waits for the rest of
/// a message whose length no frame announces. Because the walk resumes where the bytes ended, a message that comes one
/// byte at a time costs as much as one that comes whole. It keeps its own stack: depth costs budget, never the thread's.
public protocol ValueScanner {
    /// Walks on over `bytes` from `offset`, which it moves.
    /// - Returns: true once the value is complete and `offset` is its end; false if `bytes` ended first. `offset` may
    ///   then lie past them: that many are needed at least.
    mutating func advance(over bytes: RawSpan, from offset: inout Int) throws(WireError) -> Bool

    /// The fewest bytes that must follow `offset`: one for each element that was announced and has not come. Tells early
    /// that a value can never fit, however little of it has come.
    var bytesAwaitedMin: Int { get }
}
