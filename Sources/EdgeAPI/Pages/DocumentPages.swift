import EdgeCore
import HTTPTypes
import Hummingbird

/// The pages that show the OpenAPI document; everything that they load comes from this device.
enum DocumentPages {
    static func page(_ text: String) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-cache", .contentSecurityPolicy: policy,
            ], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// Both viewers write styles into the page; scripts come from files only.
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; \
        img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; child-src blob:; base-uri 'none'; \
        form-action 'none'; frame-ancestors 'none'
        """

    static let swagger = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Face Recognition API</title>
        <link rel="icon" href="/favicon.ico">
        <link rel="stylesheet" href="/assets/vendor/swagger-ui/swagger-ui.css">
        </head>
        <body>
        <noscript>This page needs JavaScript; the document itself is at /api/schema/.</noscript>
        <div id="swagger-ui"></div>
        <script src="/assets/vendor/swagger-ui/swagger-ui-bundle.js"></script>
        <script src="/assets/vendor/swagger-ui/swagger-ui-standalone-preset.js"></script>
        <script src="/assets/swagger.js"></script>
        </body>
        </html>
        """

    static let redoc = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Face Recognition API</title>
        <link rel="icon" href="/favicon.ico">
        </head>
        <body>
        <noscript>This page needs JavaScript; the document itself is at /api/schema/.</noscript>
        <div id="redoc"></div>
        <script src="/assets/vendor/redoc/redoc.standalone.js"></script>
        <script src="/assets/redoc.js"></script>
        </body>
        </html>
        """

    static let swaggerScript = """
        "use strict";
        window.addEventListener("load", () => {
          if (!window.SwaggerUIBundle) {
            document.getElementById("swagger-ui").textContent =
              "The viewer's files are not on this device (scripts/setup fetches them). The document: /api/schema/";
            return;
          }
          window.ui = SwaggerUIBundle({
            url: "/api/schema/?format=json", dom_id: "#swagger-ui", deepLinking: true, persistAuthorization: false,
            validatorUrl: null, presets: [SwaggerUIBundle.presets.apis],
          });
        });
        """

    static let redocScript = """
        "use strict";
        window.addEventListener("load", () => {
          const place = document.getElementById("redoc");
          if (!window.Redoc) {
            place.textContent =
              "The viewer's files are not on this device (scripts/setup fetches them). The document: /api/schema/";
            return;
          }
          Redoc.init("/api/schema/?format=json", { hideDownloadButton: false, disableSearch: false }, place);
        });
        """
}
