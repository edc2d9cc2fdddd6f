import Apus

/// The indexes of a server.
struct ListPage {
    let indexes: ServedIndexes

    var frame: PageFrame {
        let items = indexes.all.map { served in
            let count = (try? served.newest())?.snapshot.documentCount
            let told = count.map { $0 == 1 ? "1 document" : "\($0) documents" } ?? "cannot be read"
            return """
                <li><a href="\(PageState.path(served.name))"><bdi>\(served.name)</bdi></a> <span>\(told)</span></li>
                """ as HTML
        }
        return PageFrame(
            title: "Indexes",
            content: """
                <main id="main" class="plain">
                <h1>Indexes</h1>
                <ul class="indexes">\(items)</ul>
                </main>
                """)
    }
}
