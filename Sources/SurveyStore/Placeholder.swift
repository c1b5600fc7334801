enum Placeholder {}
internal import GRDB
