import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import ServerStore
import ServiceLifecycle
import SurveyConsole
import SurveyModel
import SurveyWire

struct TLSFiles {
    let certificate: String
    let key: String
}

/// The HTTP side of a server: two routes, each bytes in and bytes out.
struct SyncService {
    let store: ServerStore
    let logger: Logger

    /// Connections at a time; one that says nothing for a minute is closed.
    private let connections = Connections(limit: 512)

    /// Serves until SIGTERM or SIGINT; requests under way are answered first.
    func serve(at address: ListenAddress, tls: TLSFiles?) async throws {
        let projection = Projection(store: store, logger: logger)
        let endpoints = Endpoints(store: store, projection: projection, logger: logger)
        let router = Router(context: BasicRequestContext.self)
        router.post("v1/sync") { request, _ in await endpoints.answer(request, endpoints.sync) }
        router.post("v1/enrol") { request, _ in await endpoints.answer(request, endpoints.enrol) }
        let scheme = tls == nil ? "http" : "https"
        // The web framework's own lines are of no use to an operator.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let app = Application(
            router: router, server: try builder(tls),
            configuration: .init(
                address: .hostname(address.host, port: address.port),
                serverName: "lianhu-server"),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? address.port
                Console.announce(
                    "lianhu-server listening on \(address.url(scheme: scheme, port: port))")
            }, logger: quiet)
        await projection.wake()
        do {
            try await app.runService()
        } catch let error as IOError {
            throw Failure(.cannotListen, String(cString: strerror(error.errnoCode)))
        } catch is CancellationError {
        } catch let failure as Failure {
            throw failure
        } catch {
            // What the network library says when a name does not resolve, and the like.
            throw Failure(.cannotListen, "\(address.host): \(type(of: error))")
        }
        logger.info("stopped")
    }

    private func builder(_ tls: TLSFiles?) throws -> HTTPServerBuilder {
        let connections = connections
        let base = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [RequestPace(connections)], idleTimeout: .seconds(60)))
        guard let tls else { return base }
        do {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(tls.certificate)
                    .map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: tls.key, format: .pem)))
            configuration.minimumTLSVersion = .tlsv12
            return try .tls(base, tlsConfiguration: configuration)
        } catch {
            throw Failure(.badCertificate, "\(tls.certificate), \(tls.key)")
        }
    }
}
