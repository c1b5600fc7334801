import FleetSimulator
import Foundation
import Testing

@Suite struct FleetTests {
    let simulation = Simulation(folder: FileManager.default.temporaryDirectory)

    @Test(arguments: UInt64(1)...20) func `a fixed seed keeps every promise`(seed: UInt64) {
        let outcome = simulation.run(seed: seed)
        #expect(outcome.violation == nil, "seed \(seed): \(outcome.violation ?? "")")
    }
}
