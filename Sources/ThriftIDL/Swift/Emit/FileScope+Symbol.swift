extension FileScope {
    /// What the generated code names of Swift's and of the libraries'.
    enum Symbol: String {
        // Swift.
        case bool = "Bool"
        case caseIterable = "CaseIterable"
        case copyable = "Copyable"
        case customStringConvertible = "CustomStringConvertible"
        case double = "Double"
        case error = "Error"
        case escapable = "Escapable"
        case hashable = "Hashable"
        case int = "Int"
        case int16 = "Int16"
        case int32 = "Int32"
        case int64 = "Int64"
        case int8 = "Int8"
        case never = "Never"
        case rawSpan = "RawSpan"
        case sendable = "Sendable"
        case set = "Set"
        case staticString = "StaticString"
        case string = "String"
        case utf8Span = "UTF8Span"

        // SwiftNIO.
        case byteBuffer = "ByteBuffer"
        case eventLoop = "EventLoop"

        // NeedletailWire.
        case binaryList = "BinaryList"
        case fieldHeader = "FieldHeader"
        case fieldTable = "FieldTable"
        case indirect = "Indirect"
        case messagePackReader = "MessagePackReader"
        case messagePackWriter = "MessagePackWriter"
        case thriftBinaryReader = "ThriftBinaryReader"
        case thriftBinaryWriter = "ThriftBinaryWriter"
        case thriftCompactReader = "ThriftCompactReader"
        case thriftCompactWriter = "ThriftCompactWriter"
        case validationError = "ValidationError"
        case validationPattern = "ValidationPattern"
        case validationRule = "ValidationRule"
        case wireEnum = "WireEnum"
        case wireError = "WireError"
        case wireReader = "WireReader"
        case wireStruct = "WireStruct"
        case wireUUID = "WireUUID"
        case wireWriter = "WireWriter"

        // NeedletailRPC.
        case answerHead = "AnswerHead"
        case call = "Call"
        case callContext = "CallContext"
        case callFailure = "CallFailure"
        case callHead = "CallHead"
        case callMetadata = "CallMetadata"
        case callOptions = "CallOptions"
        case callOutcome = "CallOutcome"
        case callRefusal = "CallRefusal"
        case callTimes = "CallTimes"
        case messageReader = "MessageReader"
        case messageWriter = "MessageWriter"
        case noArguments = "NoArguments"
        case noResult = "NoResult"
        case reply = "Reply"
        case rpcArguments = "RPCArguments"
        case rpcClient = "RPCClient"
        case rpcHandler = "RPCHandler"
        case rpcMethod = "RPCMethod"
        case rpcService = "RPCService"
        case servedCall = "ServedCall"

        var module: String {
            switch self {
            case .bool, .caseIterable, .copyable, .customStringConvertible, .double, .error, .escapable, .hashable,
                .int, .int16, .int32, .int64, .int8, .never, .rawSpan, .sendable, .set, .staticString, .string,
                .utf8Span:
                "Swift"
            case .byteBuffer, .eventLoop: "NIOCore"
            case .binaryList, .fieldHeader, .fieldTable, .indirect, .messagePackReader, .messagePackWriter,
                .thriftBinaryReader, .thriftBinaryWriter, .thriftCompactReader, .thriftCompactWriter, .validationError,
                .validationPattern, .validationRule, .wireEnum, .wireError, .wireReader, .wireStruct, .wireUUID,
                .wireWriter:
                "NeedletailWire"
            case .answerHead, .call, .callContext, .callFailure, .callHead, .callMetadata, .callOptions, .callOutcome,
                .callRefusal, .callTimes, .messageReader, .messageWriter, .noArguments, .noResult, .reply,
                .rpcArguments, .rpcClient, .rpcHandler, .rpcMethod, .rpcService, .servedCall:
                "NeedletailRPC"
            }
        }
    }
}
