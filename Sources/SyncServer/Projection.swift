import Logging
import ServerStore
import SurveyModel
import SurveyStore

/// Keeps the projections close behind the log, so that readers seldom wait.
actor Projection {
    private let store: ServerStore
    private let logger: Logger
    private var isRunning = false
    private var isWanted = false

    init(store: ServerStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// Catches up, now or after the run that is under way.
    func wake() {
        isWanted = true
        guard !isRunning else { return }
        isRunning = true
        Task { await run() }
    }

    private func run() async {
        while isWanted {
            isWanted = false
            do {
                try await offload { [store] in try store.catchUp() }
            } catch {
                let failure = Failure(storage: error)
                logger.error(
                    "projection waits",
                    metadata: ["error": "\(failure?.text(.en) ?? "\(type(of: error))")"])
            }
        }
        isRunning = false
    }
}
