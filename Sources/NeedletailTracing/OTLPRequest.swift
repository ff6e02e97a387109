//! Spans as OTLP has them in JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): ids in hexadecimal,
//! numbers of 64 bits as text, enumerations as numbers.

internal import Tracing

/// The body of a request to `/v1/traces`.
struct OTLPRequest: Codable {
    struct ResourceSpans: Codable {
        var resource: Resource
        var scopeSpans: [ScopeSpans]
    }

    struct Resource: Codable { var attributes: [Attribute] }

    struct ScopeSpans: Codable {
        var scope: Scope
        var spans: [Span]
    }

    struct Scope: Codable {
        var name: String
        var version: String
    }

    struct Span: Codable {
        var traceId: String
        var spanId: String
        var parentSpanId: String?
        var traceState: String?
        var name: String
        /// 1 internal, 2 server, 3 client, 4 producer, 5 consumer.
        var kind: Int
        var startTimeUnixNano: String
        var endTimeUnixNano: String
        var attributes: [Attribute]
        var events: [Event]
        var status: Status
    }

    struct Event: Codable {
        var timeUnixNano: String
        var name: String
        var attributes: [Attribute]
    }

    struct Status: Codable {
        /// 0 unset, 1 ok, 2 error.
        var code: Int
        var message: String?
    }

    struct Attribute: Codable {
        var key: String
        var value: Value
    }

    /// Exactly one is there.
    struct Value: Codable {
        var stringValue: String?
        var boolValue: Bool?
        var intValue: String?
        var doubleValue: Double?
    }

    var resourceSpans: [ResourceSpans]
}

extension OTLPRequest {
    /// The name that this service has in traces.
    private static let serviceName = "needletail"

    init(_ records: [OTLPSpan.Record], serviceVersion: String) {
        let resource = Resource(attributes: [
            Attribute(key: "service.name", value: Value(stringValue: Self.serviceName)),
            Attribute(key: "service.version", value: Value(stringValue: serviceVersion)),
        ])
        let spans = ScopeSpans(
            scope: Scope(name: Self.serviceName, version: serviceVersion), spans: records.map { Span($0) })
        resourceSpans = [ResourceSpans(resource: resource, scopeSpans: [spans])]
    }
}

extension OTLPRequest.Span {
    fileprivate init(_ record: OTLPSpan.Record) {
        self.init(
            traceId: record.context.traceIDText, spanId: record.context.spanIDText,
            parentSpanId: record.parentSpanID == 0 ? nil : TraceContext.text(record.parentSpanID),
            traceState: record.context.state,
            name: record.name, kind: record.kind.number, startTimeUnixNano: "\(record.startNanoseconds)",
            endTimeUnixNano: "\(record.endNanoseconds)", attributes: [OTLPRequest.Attribute](record.attributes),
            events: record.events.map {
                OTLPRequest.Event(
                    timeUnixNano: "\($0.nanosecondsSinceEpoch)", name: $0.name,
                    attributes: [OTLPRequest.Attribute]($0.attributes))
            }, status: OTLPRequest.Status(record.status))
    }
}

extension OTLPRequest.Status {
    fileprivate init(_ status: SpanStatus?) {
        switch status?.code {
        case nil: self.init(code: 0)
        case .ok: self.init(code: 1)
        case .error: self.init(code: 2, message: status?.message)
        }
    }
}

extension SpanKind {
    fileprivate var number: Int {
        switch self {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }
}

extension [OTLPRequest.Attribute] {
    /// In the order of their names. Lists are written as text.
    fileprivate init(_ attributes: SpanAttributes) {
        self = []
        attributes.forEach { key, attribute in append(Element(key: key, value: .init(attribute))) }
        sort { $0.key < $1.key }
    }
}

extension OTLPRequest.Value {
    fileprivate init(_ attribute: SpanAttribute) {
        switch attribute {
        case .string(let text): self.init(stringValue: text)
        case .bool(let truth): self.init(boolValue: truth)
        case .int32(let number): self.init(intValue: "\(number)")
        case .int64(let number): self.init(intValue: "\(number)")
        case .double(let number): self.init(doubleValue: number)
        case .stringConvertible(let value): self.init(stringValue: "\(value)")
        case .stringArray(let texts): self.init(stringValue: texts.joined(separator: ","))
        default: self.init(stringValue: "\(attribute)")
        }
    }
}
