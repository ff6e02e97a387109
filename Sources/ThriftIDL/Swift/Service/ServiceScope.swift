/// What the emitters of one service share: its names, and the shapes of signatures that come again and again.
struct ServiceScope {
    let scope: FileScope
    let values: ValueSpeller
    let validated: ValidatedTypes
    let views: Views
    let service: SwiftService
    /// Generic parameters.
    let reader: String
    let writer: String

    init(scope: FileScope, values: ValueSpeller, validated: ValidatedTypes, views: Views, service: SwiftService) {
        self.scope = scope
        self.values = values
        self.validated = validated
        self.views = views
        self.service = service
        reader = scope.parameter("Reader")
        writer = scope.parameter("Writer")
    }

    func name(_ symbol: FileScope.Symbol) -> String { scope.name(symbol) }

    /// One of the service's types: `CalculatorMethod`, `CalculatorClient`.
    func type(_ suffix: String) -> String { scope.service(service.id, suffix) }

    /// What describes a function: `CalculatorMethods.Add`. An inherited one has a name here as well.
    func descriptor(_ function: SwiftFunction) -> String { "\(type("Methods")).\(function.typeName)" }

    /// What a function throws, as seen from outside its descriptor; nil if it declares nothing.
    func failure(_ function: SwiftFunction) -> String? {
        switch function.exceptions.count {
        case 0: nil
        case 1: scope.spelling(function.exceptions[0].type)
        default: "\(descriptor(function)).Failure"
        }
    }

    /// ` throws(Overflow)`, or nothing.
    func throwing(_ function: SwiftFunction) -> String { failure(function).map { " throws(\($0))" } ?? "" }

    var messageReader: String { "\(reader): \(scope.reader(.messageReader))" }
    var messageWriter: String { "\(writer): \(scope.writer(.messageWriter))" }

    /// The parameters with which a call comes in.
    func incoming(reader: String, writer: String) -> [String] {
        [
            "_ head: borrowing \(name(.callHead))", "_ times: \(name(.callTimes))", "_ reader: inout \(reader)",
            "_ writer: inout \(writer)",
        ]
    }

    /// A function whose only argument is a struct takes it without a label.
    func label(_ argument: SwiftField, of function: SwiftFunction) -> String? {
        hasOnlyStructure(function) ? nil : argument.name.description
    }

    /// Whether the function's only argument is a struct.
    func hasOnlyStructure(_ function: SwiftFunction) -> Bool {
        guard function.arguments.count == 1, case .structure = function.arguments[0].type.resolved else { return false }
        return true
    }

    /// Whether a handler sees the arguments where they lie in the message.
    func isViewed(_ function: SwiftFunction) -> Bool {
        function.arguments.contains { views.form($0, of: nil) != .owned }
    }

    func ownedType(of argument: SwiftField) -> String {
        scope.spelling(argument.type) + (argument.isOptional ? "?" : "")
    }

    /// The arguments as parameters of an owned kind.
    func parameters(of function: SwiftFunction, hasDefaults: Bool = false) -> [String] {
        function.arguments.map { argument in
            let label = label(argument, of: function) ?? "_ \(argument.name)"
            let head = "\(label): \(ownedType(of: argument))"
            guard hasDefaults else { return head }
            if argument.isOptional { return "\(head) = nil" }
            if let name = argument.defaultName { return "\(head) = \(descriptor(function)).Arguments.\(name)" }
            return argument.initialValue.map { "\(head) = \(values.layout($0, as: argument.type).flat)" } ?? head
        }
    }

    /// The arguments handed on, out of `source` (`arguments.left`) or as they are.
    func passed(_ function: SwiftFunction, from source: String? = nil) -> [String] {
        function.arguments.map { argument in
            let value = source.map { "\($0).\(argument.name)" } ?? argument.name.description
            return hasOnlyStructure(function) ? value : "\(argument.name.label): \(value)"
        }
    }

    /// The service's own words, and then ours.
    func documentation(_ text: String) -> String { service.documentation.map { "\($0)\n\n\(text)" } ?? text }
}
