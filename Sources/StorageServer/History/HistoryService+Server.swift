//! The history as a server has it: over the engine of `Storage`, which it asks on the same event loop.

internal import HistoryService
internal import StorageEngine

extension HistoryConfiguration {
    init(_ configuration: ServerConfiguration.History) {
        let codec: BlobCodec =
            switch configuration.codec {
            case .msgpack: .msgpack
            case .thrift: .thrift
            }
        self.init(periodMillis: configuration.periodMillis, codec: codec)
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
