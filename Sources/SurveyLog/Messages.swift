import Foundation
import SwiftProtobuf

/// Serializes a message that always fits in memory.
func serialize(_ message: some SwiftProtobuf.Message) throws(LogError) -> Data {
    do {
        return try message.serializedData()
    } catch {
        throw .malformed(String(describing: type(of: message)))
    }
}

func parse<M: SwiftProtobuf.Message>(_: M.Type, _ bytes: Data, _ name: String)
    throws(LogError) -> M
{
    do {
        return try M(serializedBytes: bytes)
    } catch {
        throw .malformed(name)
    }
}
