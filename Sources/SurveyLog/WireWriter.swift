import Foundation

/// Writes protobuf's wire format: byte for byte what a generated message would write, in order of the
/// fields' numbers and without values that are their type's default.
struct WireWriter {
    private var bytes: [UInt8] = []

    var data: Data { Data(bytes) }

    init() { bytes.reserveCapacity(128) }

    /// - Parameter always: also when it is 0, as one of several kinds of a value.
    mutating func varint(_ field: UInt64, _ value: UInt64, always: Bool = false) {
        guard value != 0 || always else { return }
        tag(field, .varint)
        append(value)
    }

    mutating func sint64(_ field: UInt64, _ value: Int64, always: Bool = false) {
        varint(field, UInt64(bitPattern: value << 1 ^ value >> 63), always: always)
    }

    mutating func sint32(_ field: UInt64, _ value: Int32, always: Bool = false) {
        varint(field, UInt64(UInt32(bitPattern: value << 1 ^ value >> 31)), always: always)
    }

    mutating func fixed64(_ field: UInt64, _ value: UInt64) {
        guard value != 0 else { return }
        tag(field, .fixed64)
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func data(_ field: UInt64, _ value: Data, always: Bool = false) {
        guard !value.isEmpty || always else { return }
        tag(field, .delimited)
        append(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func string(_ field: UInt64, _ value: String) {
        tag(field, .delimited)
        append(UInt64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    mutating func packed(_ field: UInt64, _ values: [UInt32]) {
        guard !values.isEmpty else { return }
        message(field) { writer in
            for value in values { writer.append(UInt64(value)) }
        }
    }

    mutating func message(_ field: UInt64, _ write: (inout WireWriter) -> Void) {
        var writer = WireWriter()
        write(&writer)
        tag(field, .delimited)
        append(UInt64(writer.bytes.count))
        bytes.append(contentsOf: writer.bytes)
    }

    private mutating func tag(_ field: UInt64, _ format: WireReader.Format) {
        append(field << 3 | format.rawValue)
    }

    private mutating func append(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
