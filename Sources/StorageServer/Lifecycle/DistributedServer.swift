//! The server in front of a Redis or Valkey, one or a cluster, made from a configuration. It keeps nothing itself.

package import HistoryService
package import Logging
package import NeedletailTracing
package import RedisEngine
internal import StorageEngine
package import Timing

extension StorageServer where Engine == DistributedEngine<RedisEngine> {
    /// A server over the nodes of the configuration. They are connected to when it runs, and need not be there before they
    /// are asked.
    /// - Parameters:
    ///   - nodeSecurity: secures the connections to them; nil: they are in plaintext.
    ///   - thrift: decodes the events of the history's Thrift blobs; nil: what our compiler generates.
    /// - Throws: `StartError`.
    package static func distributed(
        _ configuration: ServerConfiguration, container: ContainerLimits = .current(), clock: Clock = .system,
        security: PortSecurity = PortSecurity(), nodeSecurity: (any RedisTransportSecurity)? = nil,
        thrift: (any ThriftEventDecoder)? = nil,
        options: ResolvedConfiguration? = nil, spans: (any SpanTransport)? = nil, logger: Logger,
        onReady: @escaping @Sendable (Ports) -> Void = { _ in }
    ) throws(StartError) -> StorageServer<DistributedEngine<RedisEngine>> {
        var engine = RedisEngineConfiguration(
            endpoints: configuration.engine.endpoints.compactMap { RedisEndpoint($0) })
        let settings = configuration.engine
        engine.user = settings.user
        engine.password = settings.password
        engine.security = nodeSecurity
        engine.connectionsPerNode = settings.connectionsPerNode
        engine.connectTimeout = .milliseconds(settings.connectTimeoutMillis)
        engine.writeTimeout = .milliseconds(settings.writeTimeoutMillis)
        engine.readTimeout = .milliseconds(settings.readTimeoutMillis)
        engine.replicas = settings.replicas
        engine.replicationTimeout = .milliseconds(settings.replicationTimeoutMillis)
        engine.readFrom =
            switch settings.readFrom {
            case .primary: .primary
            case .replica: .replica
            case .any: .any
            }
        // Whatever may be stored can be read.
        engine.replyBytesMax = max(engine.replyBytesMax, configuration.limits.maxValueSizeBytes)
        engine.hedgeShare = Double(settings.hedgePercent) / 100
        return try StorageServer(
            configuration, engine: DistributedEngine(engine: RedisEngine(engine, clock: clock), thrift: thrift),
            eventLoops: configuration.rpc.eventLoopCount(in: container), clock: clock, security: security,
            options: options, spans: spans, logger: logger, onReady: onReady)
    }
}
