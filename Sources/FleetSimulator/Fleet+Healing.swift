import FieldStore
import Foundation
import ServerStore
import SurveyModel
import SurveyStore

/// What must not be, with enough words to begin looking.
public struct Violation: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

extension Fleet {
    /// The network heals: every device talks until nobody has anything left to say. What counts is
    /// the last exchange that brought anybody anything.
    func heal() throws {
        requests = []
        replies = []
        for device in devices { device.exchange = nil }
        setClocksRight()
        let before = try held().count
        // Far more than the model allows: whatever never ends, ends here.
        let limit = try 3 * exchangesUntilQuiet() + devices.count
        var (trips, isQuiet) = (0, false)
        while !isQuiet {
            isQuiet = true
            for device in devices {
                var again = true
                while again {
                    trips += 1
                    let known = try (device.edits().count, server.edits().count)
                    again = try receive(device, try server.answer(try device.ask()))
                    try noteEverCounted()
                    if try (device.edits().count, server.edits().count) != known {
                        isQuiet = false
                        healingTrips = trips
                    }
                    // Asking and hearing nothing new is quiet, but it must end as well.
                    guard trips <= limit else {
                        throw Violation("not quiet after \(trips) exchanges")
                    }
                }
            }
        }
        allowedTrips = try exchangesUntilQuiet()
        guard healingTrips <= allowedTrips else {
            throw Violation("quiet after \(healingTrips) exchanges, bound \(allowedTrips)")
        }
        // Areas that were taken away may go now; everything else stays.
        let after = try held().count
        guard after >= before else { throw Violation("edits vanished while healing") }
    }

    /// The model's bound: 1.5 × (1 + devices × (feed ÷ page + 2)), in exchanges. What a device holds
    /// alone becomes part of the feed, so everything that anybody holds counts; when it is quiet also
    /// what the server wrote meanwhile.
    private func exchangesUntilQuiet() throws -> Int {
        var segments: [Data: Int] = [:]
        for reader in [server.store.writer] + devices.map(\.store.writer) {
            for (id, size) in try Self.segments(reader) { segments[id] = size }
        }
        let pages = segments.values.reduce(0) { $0 + Double($1) } / Double(pageBytes)
        return Int((1.5 * (1 + Double(devices.count) * (pages.rounded(.up) + 2))).rounded(.up))
    }
}
