//! Reads a scenario's file, and says everything that is wrong with it, each on a line with file, key, value and what was
//! expected.

internal import StorageServer
internal import Yams

struct ScenarioReader {
    private let file: String
    private var problems: [ConfigurationProblem] = []

    private init(_ file: String) { self.file = file }

    /// - Throws: all that is wrong.
    static func read(_ path: String) throws(ConfigurationError) -> Scenario {
        let text: String
        do {
            text = try TextFile.read(path)
        } catch {
            throw ConfigurationError([.init(.file(path: path, line: nil), nil, .unreadable(error.reason))])
        }
        return try read(text: text, path: path)
    }

    /// - Parameter path: what problems name.
    static func read(text: String, path: String) throws(ConfigurationError) -> Scenario {
        let origin = ConfigurationOrigin.file(path: path, line: nil)
        let root: Node?
        do {
            root = try Parser(yaml: text, encoding: .utf8).singleRoot()
        } catch {
            throw ConfigurationError([.init(origin, nil, .brokenYAML("\(error)"))])
        }
        guard let root, root.mapping != nil else { throw ConfigurationError([.init(origin, nil, .notAMapping)]) }
        var reader = ScenarioReader(path)
        let scenario = reader.scenario(root)
        guard reader.problems.isEmpty else { throw ConfigurationError(reader.problems) }
        return scenario
    }

    private mutating func scenario(_ root: Node) -> Scenario {
        var top = ScenarioMapping(root, .scenario, path: "", file: file)
        var entries = ScenarioMapping(top.children["entries"], .entries, path: "entries", file: file)
        let keys = keySpace(&entries)
        let spoken = top.choice("protocol", LoadProtocol.messagePack)
        if keys.keySizeMax > spoken.keySizeMax {
            entries.refuse("\(spoken.server.title) takes keys of up to \(spoken.keySizeMax) bytes")
        }
        var server = ScenarioMapping(top.children["server"], .server, path: "server", file: file)
        let plan = serverPlan(&server, spoken.server)
        var phases: [ScenarioPhase] = []
        if let list = top.children["phases"]?.sequence, !list.isEmpty {
            for (index, node) in list.enumerated() { phases.append(phase(node, index, top, keys)) }
        } else {
            top.refuse("phases: expected a list with at least one phase")
        }
        problems = top.problems + entries.problems + server.problems + problems
        var scenario = Scenario(
            name: top.text("name") ?? "", about: top.text("about"), seed: UInt64(top.integer("seed") ?? 0), keys: keys,
            server: plan, phases: phases)
        if phases.contains(where: \.isDisturbed) {
            scenario.large = LargeValues(size: entries.integer("largeValueSize") ?? LargeValues().size)
            scenario.server.holdsLargeValues = true
        }
        return scenario
    }

    private func keySpace(_ entries: inout ScenarioMapping) -> KeySpace {
        let count = entries.integer("count") ?? 1
        let keySize = entries.integer("keySize") ?? KeySpace.keySizes.lowerBound
        let values = entries.list("values")
        if entries.choice("sizes", "fixed") == "etc" {
            if !values.isEmpty { entries.refuse("values and sizes: etc are two ways to say the same; give one") }
            return KeySpace(count: count, .etc)
        }
        if values.isEmpty {
            return KeySpace(
                count: count, keySize: keySize,
                valueSize: entries.integer("valueSize") ?? KeySpace.valueSizes.lowerBound)
        }
        let sizes = values.compactMap { text -> (size: Int, weight: Int)? in
            let parts = text.split(separator: ":")
            guard parts.count == 2, let size = try? SizeUnits.bytes(String(parts[0])),
                KeySpace.valueSizes.contains(size), let weight = Int(parts[1]), weight > 0
            else {
                entries.refuse(
                    "values: '\(text.singleLine)' is not valid; expected a size from 8 to 1MiB, a colon, and a weight")
                return nil
            }
            return (size, weight)
        }
        return sizes.isEmpty
            ? KeySpace(count: count) : KeySpace(count: count, EntrySizes(keySize: keySize, values: sizes))
    }

    private func serverPlan(_ server: inout ScenarioMapping, _ kind: ServerKind) -> ServerPlan {
        var plan = ServerPlan(
            kind, eventLoops: server.integer("eventLoops") ?? 1, persistence: server.choice("durability", .memory))
        plan.shedsCalls = server.flag("shedsCalls")
        plan.flags = server.list("flags")
        if !plan.isPossible { server.refuse("\(kind.title) does not persist") }
        if kind != .needletail, !plan.flags.isEmpty {
            server.refuse("flags are Needletail's, and this is \(kind.title)")
        }
        return plan
    }

    private mutating func phase(_ node: Node, _ index: Int, _ top: ScenarioMapping, _ keys: KeySpace) -> ScenarioPhase {
        var phase = ScenarioMapping(node, .phase, path: "phases[\(index)]", file: file)
        let scenarioProtocol = top.choice("protocol", LoadProtocol.messagePack)
        let spoken = phase.choice("protocol", scenarioProtocol)
        if spoken.server != scenarioProtocol.server {
            phase.refuse("protocol: '\(spoken.rawValue)' is not spoken by \(scenarioProtocol.server.title)")
        }
        let mix = mix(&phase, keys)
        let large = phase.text("largePerCall").flatMap { Double($0) } ?? 0
        var result = ScenarioPhase(
            name: phase.text("name") ?? "", mix: mix, pace: pace(&phase),
            seconds: Double(phase.millis("duration") ?? 0) / 1e3,
            warmUpSeconds: Double(phase.millis("warmUp") ?? 0) / 1e3,
            connections: phase.integer("connections") ?? top.integer("connections") ?? 1, loadProtocol: spoken,
            isDisturbed: large > 0)
        if result.isDisturbed {
            let size = top.children["entries"]?["largeValueSize"]?.string.flatMap { try? SizeUnits.bytes($0) }
            result.mix = mix.with(LargeValues(size: size ?? LargeValues().size), perCall: large)
        }
        if result.name == "unnamed" { result.name = mix.title }
        problems += phase.problems
        return result
    }

    private func pace(_ phase: inout ScenarioMapping) -> Pace {
        let (rate, endRate) = (phase.integer("rate").map(Double.init), phase.integer("endRate").map(Double.init))
        let pace = phase.choice("pace", "closed")
        if pace != "closed", phase.isGiven("inFlight") {
            phase.refuse("pace \(pace) has no inFlight; calls leave on its schedule")
        }
        switch (pace, rate, endRate) {
        case ("open", let rate?, nil): return .open(rate: rate)
        case ("ramp", let rate?, let endRate?): return .ramp(from: rate, to: endRate)
        case ("closed", nil, nil): return .closed(inFlight: phase.integer("inFlight") ?? 1)
        case ("open", _, _): phase.refuse("pace open needs rate, and no endRate")
        case ("ramp", _, _): phase.refuse("pace ramp needs rate and endRate")
        default: phase.refuse("pace closed has no rate; give pace: open, or leave rate out")
        }
        return .closed(inFlight: 1)
    }

    private mutating func mix(_ phase: inout ScenarioMapping, _ keys: KeySpace) -> CallMix {
        let nodes = phase.children["calls"]?.sequence.map(Array.init) ?? []
        let workload = phase.text("workload").flatMap { Workload(rawValue: $0) }
        let order = phase.text("order").flatMap { KeyChooser.Order(rawValue: $0) }
        let mix: CallMix
        switch (workload, nodes.isEmpty) {
        case (let workload?, true): mix = workload.mix(keysPerCall: phase.integer("keysPerCall") ?? 1, order: order)
        case (nil, false):
            if order != nil { phase.refuse("order is a workload's; calls have their own") }
            var parts: [CallMix.Part] = []
            for (index, node) in nodes.enumerated() {
                let call = ScenarioMapping(node, .call, path: "\(phase.path).calls[\(index)]", file: file)
                problems += call.problems
                parts.append(part(call))
            }
            mix = CallMix(parts.map(\.title).joined(separator: ", "), parts)
        default:
            phase.refuse("expected either workload or calls")
            return CallMix(.get)
        }
        if !keys.hasOneKeySize, mix.parts.contains(where: { $0.shape.keysPerCall > 1 }) {
            phase.refuse("keys of different sizes cannot be asked for many at a time; entries.sizes is etc")
        }
        return mix
    }

    private func part(_ call: ScenarioMapping) -> CallMix.Part {
        let keysPerCall = call.integer("keysPerCall") ?? 1
        let kind = call.choice("call", ScenarioCall.get)
        var shape: CallShape =
            switch kind {
            case .get, .readModifyWrite: .get
            case .multiGet, .range: .multiGet(keysPerCall)
            case .put, .insert: .put
            case .remove: .remove
            }
        shape.timeoutMillis = call.millis("timeout").map { Int32($0) }
        let title = kind == .multiGet ? shape.title : kind.rawValue
        return CallMix.Part(
            title: title, shape: shape, weight: Double(call.integer("weight") ?? 1),
            order: call.choice("order", .uniform), isRange: kind == .range, isInsert: kind == .insert,
            continuation: kind == .readModifyWrite ? .put : nil)
    }
}

extension ScenarioMapping {
    /// A key's word as a case of its own; `standard` only where the word was refused.
    fileprivate func choice<Choice: RawRepresentable<String>>(_ leaf: String, _ standard: Choice) -> Choice {
        text(leaf).flatMap { Choice(rawValue: $0) } ?? standard
    }

    fileprivate func choice(_ leaf: String, _ standard: String) -> String { text(leaf) ?? standard }
}
