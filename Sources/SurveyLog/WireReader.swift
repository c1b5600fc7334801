import Foundation

/// Reads protobuf's wire format where it lies, as a generated message would read the same bytes: the last
/// of several values counts, messages are merged, and a field of another format than its own is an
/// unknown one.
///
/// Source: protobuf.dev/programming-guides/encoding. Tests compare it with the generated messages.
struct WireReader {
    /// How a field's value is written.
    enum Format: UInt64 {
        case varint = 0
        case fixed64 = 1
        case delimited = 2
        case startGroup = 3
        case endGroup = 4
        case fixed32 = 5
    }

    /// The number and format of a field, written before its value.
    struct Tag: Equatable {
        let field: UInt64
        let format: Format

        init(_ field: UInt64, _ format: Format) { (self.field, self.format) = (field, format) }
    }

    private struct Malformed: Error {}

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    /// Where the last tag begins.
    private var start = 0

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Reads a message's fields one after the other.
    ///
    /// - Parameters:
    ///   - name: of the message, for whoever is told that it is malformed.
    ///   - field: takes a field, and says whether it knows it.
    static func read(
        _ data: Data, _ name: String, _ field: (inout WireReader, Tag) throws -> Bool
    ) throws(LogError) {
        do {
            try data.withUnsafeBytes { bytes in
                var reader = WireReader(bytes)
                try reader.forEachField(field)
            }
        } catch let error as LogError {
            throw error
        } catch {
            throw .malformed(name)
        }
    }

    /// The fields of a message that is a field's value.
    mutating func message(_ field: (inout WireReader, Tag) throws -> Bool) throws {
        var reader = WireReader(try delimited())
        try reader.forEachField(field)
    }

    private mutating func forEachField(_ field: (inout WireReader, Tag) throws -> Bool) throws {
        while position < bytes.count {
            start = position
            let tag = try tag()
            if try !field(&self, tag) { try skip(tag) }
        }
    }

    private mutating func tag() throws -> Tag {
        let tag = try varint()
        guard tag < UInt64(UInt32.max), tag >> 3 > 0, let format = Format(rawValue: tag & 7) else {
            throw Malformed()
        }
        return Tag(tag >> 3, format)
    }

    // MARK: Values

    mutating func varint() throws -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw Malformed()
    }

    mutating func uint32() throws -> UInt32 { UInt32(truncatingIfNeeded: try varint()) }

    mutating func sint64() throws -> Int64 {
        let value = try varint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func sint32() throws -> Int32 {
        let value = try uint32()
        return Int32(bitPattern: value >> 1) ^ -Int32(bitPattern: value & 1)
    }

    mutating func fixed64() throws -> UInt64 {
        guard bytes.count - position >= 8 else { throw Malformed() }
        defer { position += 8 }
        return UInt64(
            littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    mutating func data() throws -> Data { Data(try delimited()) }

    mutating func string() throws -> String {
        guard let text = String(validating: try delimited(), as: UTF8.self) else {
            throw Malformed()
        }
        return text
    }

    /// The numbers of a repeated field: one, or several that are packed.
    mutating func uint32s(_ format: Format, _ numbers: inout [UInt32]) throws {
        guard format == .delimited else { return numbers.append(try uint32()) }
        var packed = WireReader(try delimited())
        while packed.position < packed.bytes.count { numbers.append(try packed.uint32()) }
    }

    private mutating func delimited() throws -> UnsafeRawBufferPointer {
        let count = try varint()
        guard count <= UInt64(bytes.count - position) else { throw Malformed() }
        defer { position += Int(count) }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(count)])
    }

    // MARK: What is not known

    /// A whole field as it is written, its tag before it.
    mutating func unknown(_ tag: Tag) throws -> Data {
        let start = start
        try skip(tag)
        return Data(bytes[start..<position])
    }

    private mutating func skip(_ tag: Tag) throws {
        // Groups that are open; as deep as protobuf goes.
        var groups: [UInt64] = []
        var tag = tag
        while true {
            switch tag.format {
            case .varint: _ = try varint()
            case .fixed64: _ = try fixed64()
            case .delimited: _ = try delimited()
            case .fixed32:
                guard bytes.count - position >= 4 else { throw Malformed() }
                position += 4
            case .startGroup:
                groups.append(tag.field)
                guard groups.count < 100 else { throw Malformed() }
            case .endGroup:
                guard groups.popLast() == tag.field else { throw Malformed() }
            }
            if groups.isEmpty { return }
            tag = try self.tag()
        }
    }
}
