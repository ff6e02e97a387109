//! The history as a server has it: over the engine of `Storage`, which it asks on the same event loop.

internal import HistoryService
internal import StorageEngine

extension HistoryConfiguration {
    init(_ configuration: ServerConfiguration) {
        let codec: BlobCodec =
            switch configuration.history.codec {
            case .msgpack: .msgpack
            case .thrift: .thrift
            }
        let buffers: BlobBuffers =
            switch configuration.history.buffers {
            case .pooled: .pooled
            case .fresh: .fresh
            }
        self.init(
            periodMillis: configuration.history.periodMillis, codec: codec, buffers: buffers,
            width: FanOutWidth(configuration.reads))
    }
}

extension FanOutWidth {
    init(_ configuration: ServerConfiguration.Reads) {
        self.init(concurrency: configuration.concurrency, keysPerPart: configuration.keysPerPart)
    }
}

extension HistoryLimits {
    init(_ limits: ServiceLimits) {
        self.init()
        keySizeMax = limits.keySizeMax
        valueSizeMax = limits.valueSizeMax
        keysPerRequestMax = limits.keysPerRequestMax
        responseSizeMax = limits.responseSizeMax
    }
}
