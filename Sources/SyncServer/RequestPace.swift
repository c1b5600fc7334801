import NIOCore
import NIOHTTPTypes

/// Closes a connection whose request trickles in: an attacker's cheapest way to occupy the server.
///
/// While a request is awaited or incomplete, every interval must bring a body's bytes or its end.
/// A bad link of 30 kbit/s brings seventy times the least.
final class RequestPace: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private static let interval = TimeAmount.seconds(10)
    private static let leastBytes = 512

    private let connections: Connections
    private var received = 0
    private var isComplete = false
    private var timer: RepeatedTask?

    init(_ connections: Connections) { self.connections = connections }

    func channelActive(context: ChannelHandlerContext) {
        connections.opened(context.channel)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleRepeatedTask(
            initialDelay: Self.interval, delay: Self.interval
        ) { _ in
            let (pace, context) = bound.value
            pace.check(context)
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        connections.closed(context.channel)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isComplete = false
            received = Self.leastBytes
        case .body(let buffer): received += buffer.readableBytes
        case .end: isComplete = true
        }
        connections.note(context.channel, received: received, isAnswered: isComplete)
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            connections.note(context.channel, received: received, isAnswered: false)
        }
        context.write(data, promise: promise)
    }

    /// A whole request is the server's turn; the idle timeout minds what follows the answer.
    private func check(_ context: ChannelHandlerContext) {
        guard !isComplete else { return }
        if received < Self.leastBytes { context.close(promise: nil) }
        received = 0
    }
}
