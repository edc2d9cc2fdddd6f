import Apus
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// A file that pages need; it is a part of the program.
struct PageAssets: Sendable {
    /// The last part of its path.
    let name: String
    private let type: String
    private let bytes: [UInt8]
    /// Its address, another one when its content is another.
    let address: String

    static let styles = PageAssets(name: "page.css", type: "text/css; charset=utf-8", PackageResources.page_css)
    static let script = PageAssets(name: "page.js", type: "text/javascript; charset=utf-8", PackageResources.page_js)
    static let icon = PageAssets(name: "icon.svg", type: "image/svg+xml", PackageResources.icon_svg)
    static let all = [styles, script, icon]
    static let paths = all.map(\.path)

    /// Where it is served.
    var path: String { "/_page/" + name }

    private init(name: String, type: String, _ bytes: [UInt8]) {
        (self.name, self.type, self.bytes) = (name, type, bytes)
        address = "/_page/\(name)?" + String(FNVHash.of(bytes), radix: 36)
    }

    var response: Response {
        Response(
            status: .ok, headers: PageFrame.headers(type, cache: "max-age=86400"),
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
