extension StringProtocol {
    /// Whether it is how a spreadsheet shows or exports a number that it took for one of its own.
    ///
    /// `5.20402E+15`, `520402109701.0`, `520,402,109,701`, `'520402…`, `="520402…"`, `#N/A`, `####`.
    /// Takes folded text.
    var isMadeBySpreadsheet: Bool {
        guard let first = utf8.first else { return false }
        switch first {
        case UInt8(ascii: "'"), UInt8(ascii: "="): return true
        case UInt8(ascii: "#"):
            return utf8.allSatisfy { $0 == UInt8(ascii: "#") } || Self.errors.contains(uppercased())
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return isExponential || isGrouped
        default: return false
        }
    }

    private static var errors: Set<String> {
        ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"]
    }

    /// `5.2E+15`, `5E+15`, `5.2E15` or `12.0`; `3E12` may be a house.
    private var isExponential: Bool {
        let parts = uppercased().split(separator: "E", omittingEmptySubsequences: false)
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard mantissa.count <= 2, mantissa.allSatisfy(\.isAllDigits) else { return false }
        if parts.count == 1 {
            return mantissa.count == 2 && mantissa[1].allSatisfy { $0 == "0" }
        }
        guard parts.count == 2, let sign = parts[1].first else { return false }
        let isSigned = sign == "+" || sign == "-"
        return (isSigned || mantissa.count == 2) && parts[1].dropFirst(isSigned ? 1 : 0).isAllDigits
    }

    /// `520,402,109,701`
    private var isGrouped: Bool {
        let parts = split(separator: ",", omittingEmptySubsequences: false)
        return parts.count > 1 && parts.allSatisfy(\.isAllDigits) && parts[0].utf8.count <= 3
            && parts.dropFirst().allSatisfy { $0.utf8.count == 3 }
    }

    /// ASCII digits, at least one.
    private var isAllDigits: Bool {
        !isEmpty && utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
