public import SurveyLog
public import SurveyModel

/// A user as the server knows it at the moment of judging.
public struct Account: Sendable, Hashable {
    public let user: UserID
    public let name: String
    public let role: Role
    /// Assigned areas, of any level.
    public let areas: Set<AreaID>
    public var isRevoked: Bool

    public init(user: UserID, name: String, role: Role, areas: Set<AreaID>, isRevoked: Bool) {
        self.user = user
        self.name = name
        self.role = role
        self.areas = areas
        self.isRevoked = isRevoked
    }

    /// The villages that the user may read: a surveyor's and a supervisor's own subtrees,
    /// everything for an administrator, nothing once revoked.
    public func readable(in tree: AreaTree) -> Set<AreaID> {
        guard !isRevoked else { return [] }
        if role == .administrator { return Set(tree.villages.map(\.id)) }
        return Set(areas.flatMap { tree.villages(under: $0).map(\.id) })
    }
}

/// Whether an edit that arrives counts at once or waits for review. Nothing is refused here.
///
/// - Parameters:
///   - area: where it is judged: the area that it names, or where its subject turned out to be.
///   - isMisplaced: the register has what the edit is about in another area, and never had it in
///     the edit's. An edit may not name another area to get past its writer's scope, and who reads
///     only that area would not know the subject.
///   - targets: areas into which the edit would put its subject.
public func admission(
    of edit: Edit, in area: AreaID, account: Account, isDeviceRevoked: Bool,
    writable: Set<AreaID>, isMisplaced: Bool, targets: [AreaID]
) -> HoldReason? {
    if edit.header.area == .reserved || edit.header.record.kind.isReserved {
        return .reservedArea
    }
    if account.isRevoked { return .revokedUser }
    if isDeviceRevoked { return .revokedDevice }
    if edit.header.author != account.user { return .wrongAuthor }
    guard writable.contains(area), !isMisplaced else { return .outsideArea }
    return targets.allSatisfy(writable.contains) ? nil : .outsideArea
}

extension RecordKind {
    /// Kinds that only the server's logs may write.
    public var isReserved: Bool { rawValue >= RecordKind.area.rawValue }
}
