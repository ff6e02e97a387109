//! Who runs where: the server on the first core that we may use, the generator on the second, so that neither moves and
//! neither takes the other's time.

struct CorePlan {
    /// Where we could run when we were started.
    let all: CoreSet
    /// Where a server is to run; nil, everywhere, if there is only one core.
    let server: CoreSet?
    /// Where a server with two event loops is to run. With two cores only, it shares the second with the generator.
    let serverOfTwoLoops: CoreSet?
    private let generator: CoreSet?
    let serverDescription: String

    init() {
        all = CoreSet.current()
        let cores = all.cores
        if cores.count >= 2 {
            server = CoreSet([cores[0]])
            serverOfTwoLoops = CoreSet([cores[0], cores.count > 2 ? cores[2] : cores[1]])
            generator = CoreSet([cores[1]])
            serverDescription = ", pinned to core \(cores[0]) (the generator to core \(cores[1]))"
        } else {
            server = nil
            serverOfTwoLoops = nil
            generator = nil
            serverDescription = ", on the same core as the generator, which there is only one of"
        }
    }

    /// From now on this thread stays on the generator's core.
    func pinGenerator() { generator?.apply() }
}
