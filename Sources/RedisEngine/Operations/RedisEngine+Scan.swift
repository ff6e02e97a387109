internal import NIOCore
public import StorageEngine

extension RedisEngine {
    public func scan(_ options: ScanOptions, _ call: EngineCall<ScanPage>, session: RedisSession) {
        var cursor = ScanCursor()
        if let bytes = options.cursor {
            guard let read = ScanCursor(bytes) else { return call.fail(.invalidCursor) }
            cursor = read
        }
        ScanPageRun(self, session, options, cursor, call).begin()
    }
}
