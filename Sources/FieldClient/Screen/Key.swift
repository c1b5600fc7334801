/// A key that somebody pressed.
enum Key: Hashable, Sendable {
    case character(Character)
    case enter
    case backspace
    case delete
    case up
    case down
    case left
    case right
    case tab
    case backTab
    case pageUp
    case pageDown
    case home
    case end
    case escape
    /// With the control key, by its lower-case letter.
    case control(Character)
    /// The window has another size.
    case resize
    /// A key that means nothing here.
    case other
}
