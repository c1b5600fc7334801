/// Entries that are one, from what is said of pairs.
public enum JoinedEntries {
    /// Entries that may be one. Nobody is entered so often; a chain of mistakes, or of malice, must not
    /// make one household of a village.
    public static let most = 32
}
