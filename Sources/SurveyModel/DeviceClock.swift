/// What a device's clock says, beside what the device knows of the time without it: what the server
/// said last, and when the program was released. Edits tell nothing: their clocks may be as wrong.
public struct DeviceClock: Sendable, Hashable {
    /// By the clock. Milliseconds since 1970-01-01T00:00Z.
    public let reading: Int64
    /// The server's time when it was last heard from; nil when that is not known.
    public let heard: Int64?
    /// Before this the program was not there; nil when that is not known.
    public let released: CalendarDate?
    /// By how much the clock was ahead of the server's when that was last heard from, in
    /// milliseconds; negative behind it.
    public let offset: Int64

    public init(
        reading: Int64, heard: Int64? = nil, released: CalendarDate? = nil, offset: Int64 = 0
    ) {
        self.reading = reading
        self.heard = heard
        self.released = released
        self.offset = offset
    }

    /// A clock that nothing speaks against.
    public init(today: CalendarDate) {
        self.init(reading: (Int64(today.daysSinceEpoch) * 24 - 8) * 3_600_000)
    }

    private static let hour: Int64 = 3_600_000
    private static let day = 24 * hour
    /// A device that has not met the server for longer than this is rarer than a wrong clock.
    private static let longest = 200 * day

    /// The day by the clock.
    public var day: CalendarDate { CalendarDate(millisecondsSinceEpoch: reading) }

    /// The latest day that is known without the clock.
    private var knownDay: CalendarDate? {
        [heard.map { CalendarDate(millisecondsSinceEpoch: $0) }, released].compactMap { $0 }.max()
    }

    /// Today, as far as is known: a day that is not after it is not in the future.
    public var today: CalendarDate { max(day, knownDay ?? day) }

    public enum Fault: String, Sendable {
        case behind
        case ahead
    }

    /// What is wrong with the clock; nil when nothing is known to be.
    public var fault: Fault? {
        // A clock that is off by minutes is behind for that long after every synchronization.
        if let heard, reading < heard.subtractingReportingOverflow(Self.hour).partialValue {
            return .behind
        }
        if let released, day < released { return .behind }
        guard let heard else { return nil }
        if reading.subtractingReportingOverflow(heard).partialValue > Self.longest { return .ahead }
        return offset > Self.day && reading >= heard &+ offset &- Self.hour ? .ahead : nil
    }

    /// What to say of a clock that is wrong.
    public var warning: Label? {
        guard let fault, let known = knownDay else { return nil }
        let isHeard = heard.map { CalendarDate(millisecondsSinceEpoch: $0) } == known
        let since =
            isHeard
            ? Label(zh: "上次同步", en: "the last sync")
            : Label(zh: "本程序发布之日", en: "this program's release")
        switch fault {
        case .behind:
            return Label(
                zh: "本机时钟（\(day.iso)）早于\(since.zh)（\(known.iso)），请校正；不晚于 \(known.iso) 的日期都可填写",
                en: "this device's clock (\(day.iso)) is behind \(since.en) (\(known.iso)): set it "
                    + "right; dates up to \(known.iso) are taken")
        case .ahead:
            return Label(
                zh: "本机时钟（\(day.iso)）比上次同步（\(known.iso)）快得太多，请校正；请核对所填日期",
                en:
                    "this device's clock (\(day.iso)) is far ahead of the last sync (\(known.iso)): "
                    + "set it right, and check the dates you enter")
        }
    }
}
