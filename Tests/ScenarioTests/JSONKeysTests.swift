import Testing

@testable import FieldClient

/// Keys that are given twice in JSON lines.
@Suite struct JSONKeysTests {
    @Test(arguments: [
        (#"{"a":1,"a":2}"#, true), (#"{"set":{"a":1,"b":{"a":1},"a":2}}"#, true),
        (#"[{"a":1},{"a":2}]"#, false), (#"{"a":{"a":1}}"#, false),
        (#"{"a":"\\\"a\\\":","b":"a"}"#, false), (#"{"a":["x","a"],"b":1}"#, false),
        (#"{"a" : 1 , "a" : 2}"#, true), (#"{"a":1,"\u0061":2}"#, true), ("", false),
        ("}}]{\"", false),
    ])
    func `a key that an object has twice is found`(text: String, isRepeated: Bool) {
        #expect(JSONKeys.areRepeated(in: text) == isRepeated)
    }
}
