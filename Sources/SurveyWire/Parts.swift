import Foundation
import SurveyLog
import SurveyModel
import SurveyProtobuf
import SwiftProtobuf

/// The parts that requests and responses share.
extension PBCursor {
    init(_ cursor: FeedCursor) {
        self.init()
        sequence = cursor.sequence
        hash = cursor.hash
    }

    func value(_ name: String) throws(WireError) -> FeedCursor {
        guard let cursor = FeedCursor(sequence: sequence, storedHash: hash) else {
            throw .malformed(name)
        }
        return cursor
    }
}

extension PBTip {
    init(_ tip: Tip) {
        self.init()
        replica = tip.replica.bytes
        counter = tip.counter
        chain = tip.chain.bytes
    }

    func value(_ name: String) throws(WireError) -> Tip {
        guard let replica = ReplicaID(replica), let chain = ChainValue(chain) else {
            throw .malformed(name)
        }
        return Tip(replica: replica, counter: counter, chain: chain)
    }
}

extension PBSignedReceipt {
    init(_ receipt: SignedReceipt) {
        self.init()
        self.receipt = receipt.bytes
        signature = receipt.signature
    }

    var value: SignedReceipt { SignedReceipt(bytes: receipt, signature: signature) }
}

extension PBFeedItem {
    init(_ item: FeedItem) {
        self.init()
        number = item.number
        segment = item.segment
    }

    var value: FeedItem { FeedItem(number: number, segment: segment) }
}

extension [PBLane] {
    init(_ lanes: [AreaID: UInt64]) {
        self = lanes.sorted { $0.key < $1.key }.map { area, sequence in
            PBLane.with {
                $0.area = area.rawValue
                $0.sequence = sequence
            }
        }
    }

    func value() throws(WireError) -> [AreaID: UInt64] {
        guard count <= WireLimits.areas else { throw .oversized }
        var lanes: [AreaID: UInt64] = [:]
        for lane in self {
            guard lane.sequence <= UInt64(Int64.max) else { throw .malformed("lanes") }
            lanes[AreaID(rawValue: lane.area)] = lane.sequence
        }
        return lanes
    }
}

func areas(_ rawValues: [UInt64]) throws(WireError) -> [AreaID] {
    guard rawValues.count <= WireLimits.areas else { throw .oversized }
    return rawValues.map(AreaID.init)
}

/// A nonce of exactly 16 bytes.
func nonce(_ bytes: Data) throws(WireError) -> Data {
    guard bytes.count == 16 else { throw .malformed("nonce") }
    return bytes
}
