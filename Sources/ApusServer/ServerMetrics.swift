import Apus
import Synchronization

/// What a server counts, as Prometheus reads it.
final class ServerMetrics: Sendable {
    /// A part of the time that a request takes.
    enum Stage: String, CaseIterable, Sendable {
        case wait, encode, traverse, fetch
    }

    /// How often a duration fell below each of some bounds.
    private struct Histogram {
        /// Seconds.
        static let bounds = [
            0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
        ]
        var counts = [Int](repeating: 0, count: Histogram.bounds.count + 1)
        var sum = 0.0

        mutating func add(_ seconds: Double) {
            counts[Histogram.bounds.firstIndex { seconds <= $0 } ?? Histogram.bounds.count] += 1
            sum += seconds
        }

        func lines(_ name: String, _ labels: String) -> String {
            var (text, below) = ("", 0)
            for (bound, count) in zip(Histogram.bounds.map { "\($0)" } + ["+Inf"], counts) {
                below += count
                text += "\(name)_bucket{\(labels),le=\"\(bound)\"} \(below)\n"
            }
            return text + "\(name)_sum{\(labels)} \(sum)\n\(name)_count{\(labels)} \(below)\n"
        }
    }

    private struct Request: Hashable {
        let route: String
        let status: Int
    }

    private struct State {
        var requests: [Request: Int] = [:]
        var routes: [String: Histogram] = [:]
        var stages: [Stage: Histogram] = [:]
    }

    private let state = Mutex(State())

    /// A request that was answered.
    func answered(_ route: String, status: Int, seconds: Double) {
        state.withLock { state in
            state.requests[Request(route: route, status: status), default: 0] += 1
            state.routes[route, default: Histogram()].add(seconds)
        }
    }

    /// A part of a query's time.
    func took(_ stage: Stage, _ duration: Duration) {
        state.withLock { $0.stages[stage, default: Histogram()].add(duration.seconds) }
    }

    /// Everything, in Prometheus' text format.
    /// - Parameter gauges: Values of the moment, by name.
    func text(gauges: [(name: String, help: String, value: Int)]) -> String {
        let state = state.withLock { $0 }
        var text = "# HELP apus_requests_total Requests answered.\n# TYPE apus_requests_total counter\n"
        for (request, count) in state.requests.sorted(by: {
            ($0.key.route, $0.key.status) < ($1.key.route, $1.key.status)
        }) {
            text += "apus_requests_total{route=\"\(request.route)\",status=\"\(request.status)\"} \(count)\n"
        }
        text +=
            "# HELP apus_request_seconds Time from a request's head to its response.\n# TYPE apus_request_seconds histogram\n"
        for (route, histogram) in state.routes.sorted(by: { $0.key < $1.key }) {
            text += histogram.lines("apus_request_seconds", "route=\"\(route)\"")
        }
        text += "# HELP apus_query_seconds Parts of a query's time.\n# TYPE apus_query_seconds histogram\n"
        for stage in Stage.allCases {
            text += (state.stages[stage] ?? Histogram()).lines("apus_query_seconds", "stage=\"\(stage.rawValue)\"")
        }
        for gauge in gauges {
            text += "# HELP \(gauge.name) \(gauge.help)\n# TYPE \(gauge.name) gauge\n\(gauge.name) \(gauge.value)\n"
        }
        return text
    }
}
