public import Foundation
public import SurveyLog
internal import SurveyModel
internal import SurveyProtobuf
internal import SwiftProtobuf

extension SyncRequest {
    /// The bytes to send, signed by the device's key.
    public func sealed(by key: LogKey) throws(WireError) -> Data {
        try SealedMessage.seal(
            try payload(), domain: .request, key: key, sender: replica,
            publicKey: readmission == nil ? Data() : key.publicKey)
    }

    private func payload() throws(WireError) -> Data {
        try serialize(
            PBSyncRequest.with {
                $0.protocol = WireLimits.protocolVersion
                $0.serverKey = serverKey
                $0.replica = replica.bytes
                $0.nonce = nonce
                $0.head = PBTip(head)
                if let receipt { $0.receipt = PBSignedReceipt(receipt) }
                $0.cursor = PBCursor(position.cursor)
                $0.older = position.older.map(PBCursor.init)
                $0.covered = position.covered.map(\.rawValue).sorted()
                $0.lanes = [PBLane](position.lanes)
                $0.segments = segments
                $0.relayed = relayed
                $0.opened = opened.map(\.rawValue).sorted()
                $0.receiptOnly = receiptOnly
                if let tallyPosition { $0.tallies.position = tallyPosition }
                if let readmission { $0.readmission = PBReadmission(readmission) }
                $0.offered = offered.map(\.bytes)
                if let answerKey { $0.answerKey = answerKey }
            })
    }

    /// Parses a payload whose signature was verified with the key of ``SealedMessage/sender``.
    public init(payload: Data) throws(WireError) {
        let message = try parse(PBSyncRequest.self, payload, "request")
        guard message.protocol == WireLimits.protocolVersion else {
            throw .unsupportedProtocol(message.protocol)
        }
        guard message.serverKey.count == 8 else { throw .malformed("server_key") }
        guard let replica = ReplicaID(message.replica) else { throw .malformed("replica") }
        guard message.older.count <= WireLimits.cursors else { throw .oversized }
        guard message.offered.count <= WireLimits.offers else { throw .oversized }
        var offered: [SegmentID] = []
        for bytes in message.offered {
            guard let id = SegmentID(bytes) else { throw .malformed("offered") }
            offered.append(id)
        }
        var older: [FeedCursor] = []
        for cursor in message.older { older.append(try cursor.value("older")) }
        self.init(
            serverKey: message.serverKey, replica: replica,
            nonce: try SurveyWire.nonce(message.nonce),
            head: try message.head.value("head"),
            receipt: message.hasReceipt ? message.receipt.value : nil,
            position: FeedPosition(
                cursor: try message.cursor.value("cursor"), older: older,
                covered: Set(try areas(message.covered)), lanes: try message.lanes.value()),
            segments: message.segments, relayed: message.relayed,
            opened: try areas(message.opened), receiptOnly: message.receiptOnly,
            tallyPosition: message.hasTallies ? message.tallies.position : nil,
            readmission: message.hasReadmission ? try message.readmission.value() : nil,
            offered: offered)
        answerKey = try SurveyWire.answerKey(message.answerKey)
    }
}

/// The key that an answer is to be sealed to; nil where there is none.
func answerKey(_ bytes: Data) throws(WireError) -> Data? {
    guard !bytes.isEmpty else { return nil }
    guard bytes.count == 32 else { throw .malformed("answer_key") }
    return bytes
}

extension PBReadmission {
    init(_ readmission: Readmission) {
        self.init()
        root = readmission.root
        enrolments = readmission.enrolments
        endorsements = readmission.endorsements.map { endorsement in
            PBDeviceEndorsement.with {
                $0.publicKey = endorsement.publicKey
                $0.signature = endorsement.signature
            }
        }
    }

    func value() throws(WireError) -> Readmission {
        guard enrolments.count <= WireLimits.enrolments,
            endorsements.count <= WireLimits.endorsements
        else { throw .oversized }
        return Readmission(
            root: root, enrolments: enrolments,
            endorsements: endorsements.map {
                Endorsement(publicKey: $0.publicKey, signature: $0.signature)
            })
    }
}
