import Foundation
import SurveyCoverage
import SurveyLog
import SurveyMerge
import SurveyModel
import SurveyStore
import SurveyWire

/// What libFuzzer calls with every input: the decoder that `LIANHU_FUZZ` names.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = start.map { Data(bytes: $0, count: count) } ?? Data()
    Fuzzing.target(bytes)
    return 0
}

/// Decoders that face the wire or a file. None may crash, hang, or take memory beyond its limits;
/// what one accepts, it must write again so that it reads the same.
enum Fuzzing {
    static let target: @Sendable (Data) -> Void = {
        switch ProcessInfo.processInfo.environment["LIANHU_FUZZ"] {
        case "envelope": envelope
        case "request": request
        case "response": response
        case "enrol": enrol
        case "segment": segment
        case "edit": edit
        case "receipt": receipt
        case "csv": csv
        default: fatalError("LIANHU_FUZZ names no decoder")
        }
    }()

    private static let key = try! LogKey(seed: Data(repeating: 7, count: 32))

    /// zstd and the envelope around every message.
    @Sendable private static func envelope(_ bytes: Data) {
        guard let sealed = try? SealedMessage(bytes: bytes) else { return }
        precondition(sealed.payload.count <= WireLimits.responseBytes)
        try? sealed.verify(.request, by: sealed.publicKey)
    }

    @Sendable private static func request(_ bytes: Data) {
        guard let request = try? SyncRequest(payload: bytes) else { return }
        guard let sealed = try? request.sealed(by: key) else { return }
        // Too large to travel, though it could be read.
        guard let opened = try? SealedMessage(bytes: sealed) else { return }
        let again = try! SyncRequest(payload: opened.payload)
        precondition(again.position == request.position && again.head == request.head)
        precondition(again.segments == request.segments && again.offered == request.offered)
        for bytes in request.segments + request.relayed { segment(bytes) }
    }

    @Sendable private static func response(_ bytes: Data) {
        guard let response = try? SyncResponse(payload: bytes) else { return }
        guard let sealed = try? response.sealed(by: key),
            let again = try? SyncResponse(bytes: sealed, serverKey: key.publicKey)
        else { return }
        precondition(again.position.cursor == response.position.cursor)
        precondition(again.pushed == response.pushed && again.scope == response.scope.sorted())
        for item in response.feed { segment(item.segment) }
    }

    @Sendable private static func enrol(_ bytes: Data) {
        _ = try? EnrolRequest(bytes: bytes)
        _ = try? EnrolResponse(bytes: bytes, fingerprint: Data(count: 10))
    }

    @Sendable private static func segment(_ bytes: Data) {
        guard let segment = try? Segment(bytes: bytes) else { return }
        precondition(segment.edits.count <= LogLimits.segmentEdits)
        let again = try! Segment(bytes: segment.encoded())
        precondition(again.id == segment.id && again.edits == segment.edits)
        try? segment.verify(publicKey: key.publicKey, serverKey: key.publicKey)
        let span = LogGraph.Span(
            first: segment.frame.first, previous: segment.frame.previous,
            edits: segment.edits.map(\.id))
        _ = LogGraph(publicKey: key.publicKey, spans: [span]).ends()
        _ = LogGraph.held([span], ends: [segment.frame.tip])
        for edit in segment.edits { fold(edit) }
    }

    /// The first two bytes say where the header ends.
    @Sendable private static func edit(_ bytes: Data) {
        guard bytes.count > 2 else { return }
        let length = min(Int(bytes[0]) << 8 | Int(bytes[1]), bytes.count - 2)
        let (header, body) = (bytes.dropFirst(2).prefix(length), bytes.dropFirst(2 + length))
        let encoded = EncodedEdit(header: Data(header), content: .body(Data(body)))
        guard let edit = try? Edit(encoded) else { return }
        precondition(edit.encoded == encoded && edit.id == encoded.id)
        fold(edit)
    }

    /// What every replica does with an edit that it was sent.
    private static func fold(_ edit: Edit) {
        _ = try? edit.repeated()
        let state = try! SurveyMerge.fold(edit.header.record, [edit, edit], excluding: [])
        _ = inclusion(by: state)
        let context = AssessmentContext(year: 2026, waterStandard: .tches2018)
        _ = judge(state, in: context)
        _ = context.assess(edit.header.record.kind, state.answers)
        _ = edit.header.record.text
        for value in state.answers.values.values { _ = value.plainText }
    }

    @Sendable private static func receipt(_ bytes: Data) {
        let signature = try! key.sign(SignatureDomain.receipt.message(bytes))
        let signed = SignedReceipt(bytes: bytes, signature: signature)
        guard let receipt = try? signed.open(serverKey: key.publicKey) else { return }
        let again = try! SignedReceipt(receipt, key: key).open(serverKey: key.publicKey)
        precondition(again == receipt)
    }

    /// The rows do not depend on how the bytes were cut.
    @Sendable private static func csv(_ bytes: Data) {
        func rows(_ parts: [Data]) -> [[String]]? {
            var parser = CSVParser()
            var rows: [CSVRow] = []
            do throws(CSVError) {
                for part in parts { rows += try parser.parse(part) }
                if let last = try parser.finish() { rows.append(last) }
            } catch {
                return nil
            }
            return rows.map(\.fields)
        }
        let whole = rows([bytes])
        precondition(
            whole == rows([bytes.prefix(bytes.count / 2), bytes.dropFirst(bytes.count / 2)]))
        for field in (whole ?? []).joined() {
            for definition in Form.all.flatMap(\.fields) { _ = try? definition.parse(field) }
            _ = CalendarDate(iso: field)
            _ = ScaledDecimal(field)
        }
    }
}
