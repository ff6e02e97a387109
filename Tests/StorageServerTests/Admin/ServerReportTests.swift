//! What `/stats` answers.

import Foundation
import Testing

@testable import StorageServer

@Suite struct ServerReportTests {
    /// Found by review: each loop's limit was the largest number, and their sum ended the process.
    @Test(arguments: [true, false]) func theLimitOnCallsInFlightIsThatOfAllLoops(_ isEnabled: Bool) async throws {
        try await RunningServer.with {
            $0.rpc.eventLoops = 2
            $0.admission.enabled = isEnabled
        } _: { server in
            let report = try JSONDecoder().decode(ServerReport.self, from: Data(try await server.get("/stats").utf8))
            #expect(report.eventLoops == 2 && report.admission.enabled == isEnabled)
            #expect(!report.methods.isEmpty)
            #expect(report.methods.allSatisfy { ($0.inFlightLimit > 0) == isEnabled })
        }
    }
}
