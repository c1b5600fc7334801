internal import CZstd
public import Foundation

/// zstd frames with limits that hold while decompressing, so that a small bomb costs little.
public enum Zstd {
    /// 8 MiB: the largest window that either side accepts.
    static let windowLog: Int32 = 23
    /// How every frame begins.
    static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

    public static func compress(_ bytes: Data) -> Data {
        var output = Data(count: ZSTD_compressBound(bytes.count))
        let size = output.withUnsafeMutableBytes { output in
            bytes.withUnsafeBytes { input in
                ZSTD_compress(
                    output.baseAddress, output.count, input.baseAddress, input.count,
                    ZSTD_CLEVEL_DEFAULT)
            }
        }
        precondition(ZSTD_isError(size) == 0, "the output buffer is as large as zstd asks for")
        return output.prefix(size)
    }

    /// - Parameter limit: bytes of the result, checked before they are kept.
    /// - Throws: ``WireError/oversized`` past the limit or the window; ``WireError/malformed(_:)``
    ///   when the bytes are not exactly one whole frame.
    public static func decompress(_ bytes: Data, limit: Int) throws(WireError) -> Data {
        guard let context = ZSTD_createDCtx() else { throw .oversized }
        defer { ZSTD_freeDCtx(context) }
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, windowLog)
        var result = Data()
        var chunk = [UInt8](repeating: 0, count: ZSTD_DStreamOutSize())
        var consumed = 0
        var remaining = 1
        while remaining != 0 {
            var produced = 0
            let before = consumed
            remaining = bytes.withUnsafeBytes { input in
                chunk.withUnsafeMutableBytes { output in
                    var source = ZSTD_inBuffer(
                        src: input.baseAddress, size: input.count, pos: consumed)
                    var target = ZSTD_outBuffer(
                        dst: output.baseAddress, size: output.count, pos: 0)
                    let status = ZSTD_decompressStream(context, &target, &source)
                    consumed = source.pos
                    produced = target.pos
                    return status
                }
            }
            if ZSTD_isError(remaining) != 0 {
                let tooLarge =
                    ZSTD_getErrorCode(remaining) == ZSTD_error_frameParameter_windowTooLarge
                throw tooLarge ? .oversized : .malformed("zstd")
            }
            guard result.count + produced <= limit else { throw .oversized }
            result.append(contentsOf: chunk[..<produced])
            if remaining != 0, produced == 0, consumed == before { throw .malformed("zstd") }
        }
        guard consumed == bytes.count else { throw .malformed("zstd") }
        return result
    }
}
