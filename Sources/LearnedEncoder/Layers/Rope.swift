import Foundation

/// Angles per position, one per pair of a head's components.
///
/// Source: Su et al., "RoFormer", 2021, section 3.2 ([arXiv:2104.09864](https://arxiv.org/abs/2104.09864)).
struct Rope: Sendable, Hashable {
    enum Scaling: Sendable, Hashable {
        case none
        case linear(factor: Float)
        /// GTE's fixed scaling: a larger base, and all frequencies lowered together.
        case ntk(factor: Float)
        /// Low frequencies are divided by `factor`, high ones kept, those between mixed (Llama 3.1).
        case llama3(factor: Float, low: Float, high: Float, original: Float)
    }

    var theta: Float
    var scaling = Scaling.none

    /// Radians per position, `[headSize / 2]`.
    func frequencies(headSize: Int) -> [Float] {
        (0..<headSize / 2).map { index in
            let exponent = Float(2 * index) / Float(headSize)
            let plain = 1 / powf(theta, exponent)
            switch scaling {
            case .none: return plain
            case .linear(let factor): return plain / factor
            case .ntk(let factor): return 1 / powf(theta * factor, exponent) / powf(factor, 2 / Float(headSize))
            case .llama3(let factor, let low, let high, let original):
                let wavelength = 2 * Float.pi / plain
                if wavelength < original / high { return plain }
                if wavelength > original / low { return plain / factor }
                let share = (original / wavelength - low) / (high - low)
                return (1 - share) * plain / factor + share * plain
            }
        }
    }
}

extension Rope {
    /// `rope_parameters`, or `rope_theta` and `rope_scaling` of older files.
    /// - Parameter kind: The part of `rope_parameters` for this kind of layer, where there is one.
    /// - Throws: ``EncoderError``, naming what is unknown.
    init(_ json: JSONFile, _ kind: String?, fallback: Float) throws(EncoderError) {
        var parameters = json.object("rope_parameters") ?? [:]
        if let kind, let inner = parameters[kind] as? [String: Any] { parameters = inner }
        func number(_ values: [String: Any], _ key: String) -> Float? {
            (values[key] as? NSNumber).map { Float($0.doubleValue) }
        }
        let scaling = parameters.isEmpty ? json.object("rope_scaling") ?? [:] : parameters
        let theta = number(parameters, "rope_theta") ?? json.number("rope_theta").map { Float($0) } ?? fallback
        let type = scaling["rope_type"] as? String ?? scaling["type"] as? String ?? "default"
        func required(_ key: String) throws(EncoderError) -> Float {
            guard let value = number(scaling, key), value > 0, value.isFinite else {
                throw .malformed(path: json.path, detail: "rope scaling '\(type)' has no '\(key)' above 0")
            }
            return value
        }
        guard theta > 0, theta.isFinite else {
            throw .malformed(path: json.path, detail: "the rope's theta must be above 0, not \(theta)")
        }
        switch type {
        case "default": self = Rope(theta: theta)
        case "linear": self = Rope(theta: theta, scaling: .linear(factor: try required("factor")))
        case "ntk": self = Rope(theta: theta, scaling: .ntk(factor: try required("factor")))
        case "llama3":
            let (low, high) = (try required("low_freq_factor"), try required("high_freq_factor"))
            guard low < high else {
                throw .malformed(
                    path: json.path, detail: "rope scaling 'llama3' needs low_freq_factor below high_freq_factor")
            }
            self = Rope(
                theta: theta,
                scaling: .llama3(
                    factor: try required("factor"), low: low, high: high,
                    original: try required("original_max_position_embeddings")))
        case let other:
            throw json.unsupported("rope scaling", other, known: ["default", "linear", "llama3", "ntk"])
        }
    }
}
