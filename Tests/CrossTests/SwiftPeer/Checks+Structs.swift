internal import NIOCore
internal import NeedletailRPC

extension Checks {
    mutating func checkStructs(_ client: IdentifiersClient) async {
        let constant = CrosstestConstants.everything
        await check("empty-struct") { try await echo([Empty()]) { try await client.echoEmpty($0) } }
        await check("booleans") {
            let few = Booleans(first: true, third: true, far: true, between: 0, last: true)
            try await echo([constant.booleans ?? few, few]) { try await client.echoBooleans($0) }
        }
        await check("union") {
            try await echo(CrosstestConstants.choices) { try await client.echoChoice(value: $0) }
        }
        await check("recursive-containers") {
            try await echo([constant.tree ?? Tree(), Values.deepTree(12)]) { try await client.echoTree($0) }
        }
        await check("recursive-optional") {
            try await echo([1, 2, 30].map(Values.chain)) { try await client.echoChain($0) }
        }
        await check("recursive-mutual") {
            try await echo([Values.folder]) { try await client.echoFolder($0) }
        }
        await check("gaps") {
            var few = constant.gaps ?? Gaps()
            few.lastButOne = nil
            try await echo([constant.gaps ?? Gaps(), few]) { try await client.echoGaps($0) }
        }
        await check("implicit-ids") {
            try await echo([constant.implicit ?? Implicit()]) { try await client.echoImplicit($0) }
        }
        await check("required-and-optional") {
            try await echo([constant.requiredness ?? CrosstestConstants.few, CrosstestConstants.few]) {
                try await client.echoRequiredness($0)
            }
        }
        await check("names") { try await echo([constant.names ?? Names()]) { try await client.echoNames($0) } }
    }

    mutating func checkConstants(_ client: IdentifiersClient) async {
        await check("everything") {
            try await echo([CrosstestConstants.everything, Values.everythingAndTables]) {
                try await client.echoEverything($0)
            }
        }
        await check("everything-made") {
            try same(try await client.everything(), CrosstestConstants.everything)
        }
        await check("everything-judged") {
            var other = Values.everythingAndTables
            try expect(try await client.isEverything(other), "the server has another EVERYTHING")
            other.maps?.deep[1]?[0]["a"]?.insert(4)
            try expect(!(try await client.isEverything(other)), "the server does not see a difference")
        }
        await check("defaults-made") { try same(try await client.defaults(), Defaults()) }
        await check("defaults-judged") {
            try expect(try await client.areDefaults(Defaults()), "the server has other defaults")
            try expect(!(try await client.areDefaults(Defaults(medium: 0))), "the server does not see a difference")
        }
        await check("defaults-changed") {
            let other = Defaults(
                flag: false, tiny: 0, medium: 0, real: 0, text: "", bytes: ByteBuffer(), color: .red, numbers: [],
                table: [:], point: Point(x: 0, y: 0), none: ["some"], requiredNumber: 0, optionalNumber: 0,
                optionalText: "", optionalFlag: false, optionalList: [], nested: [:])
            try await echo([Defaults(), other]) { try await client.echoDefaults($0) }
        }
    }
}
