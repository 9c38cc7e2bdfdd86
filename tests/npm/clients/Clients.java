// Java's own client: java Clients.java HTTP_1_1|HTTP_2

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public class Clients {
    public static void main(String[] arguments) throws Exception {
        var url = System.getenv("EDGE_URL");
        var version = HttpClient.Version.valueOf(arguments[0]);
        var client = HttpClient.newBuilder().version(version).sslContext(trusting(Path.of(System.getenv("EDGE_CA"))))
            .followRedirects(HttpClient.Redirect.NORMAL).build();
        var answers = new ArrayList<String>();
        for (var line : Files.readAllLines(Path.of("requests.txt"))) {
            var parts = line.split(" ");
            var body = parts[1].equals("POST") ? BodyPublishers.ofFile(Path.of(System.getenv("EDGE_BODY"))) : BodyPublishers.noBody();
            var request = HttpRequest.newBuilder(URI.create(url + parts[2])).method(parts[1], body).timeout(Duration.ofSeconds(60)).build();
            answers.add(quoted(parts[0]) + ":" + answer(client.send(request, BodyHandlers.ofByteArray())));
        }
        System.out.printf("{\"version\":%s,\"answers\":{%s},\"websocket\":null}%n", quoted(System.getProperty("java.version")), String.join(",", answers));
    }

    private static SSLContext trusting(Path authority) throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream file = Files.newInputStream(authority)) {
            store.setCertificateEntry("authority", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private static String answer(HttpResponse<byte[]> response) throws Exception {
        var body = response.body();
        var spoken = response.version() == HttpClient.Version.HTTP_2 ? "HTTP/2" : "HTTP/1.1";
        List<String> cookies = response.headers().allValues("set-cookie");
        var names = cookies.stream().map(cookie -> quoted(cookie.split(";")[0])).sorted().collect(Collectors.joining(","));
        var text = body.length < 4096 ? quoted(new String(body, StandardCharsets.ISO_8859_1)) : "null";
        return "{\"status\":" + response.statusCode() + ",\"version\":" + quoted(spoken) + ",\"protocol\":" + header(response, "x-protocol")
            + ",\"path\":" + header(response, "x-path") + ",\"encoding\":" + header(response, "content-encoding")
            + ",\"received\":" + header(response, "x-sha256") + ",\"cookies\":[" + names + "],\"sha256\":"
            + quoted(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body))) + ",\"text\":" + text + "}";
    }

    private static String header(HttpResponse<byte[]> response, String name) {
        return response.headers().firstValue(name).map(Clients::quoted).orElse("null");
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
