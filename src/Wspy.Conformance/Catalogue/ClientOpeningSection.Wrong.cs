using System.Globalization;
using Wspy.Conformance.Steps;

namespace Wspy.Conformance.Catalogue;

// Replies at which a client gives up, and those of which the RFCs leave it open.
internal sealed partial class ClientOpeningSection
{
    private const string Open = "went on, which the RFC leaves open";

    private void WrongHeaders()
    {
        Group(25, "Upgrade and Connection", "Without both headers, each with its one meaning, the server has not switched protocols.", "RFC 6455 §4.1", PeerRole.Client);
        Refused("No Upgrade", Status + Connection + Accept + End);
        Refused("Empty Upgrade", Status + "Upgrade:\r\n" + Connection + Accept + End);
        Refused("Upgrade: h2c", Status + "Upgrade: h2c\r\n" + Connection + Accept + End);
        Refused("Upgrade: websocket2", Status + "Upgrade: websocket2\r\n" + Connection + Accept + End);
        Refused("Upgrade: web socket", Status + "Upgrade: web socket\r\n" + Connection + Accept + End);
        Refused("Upgrade: websocket, h2c", Status + "Upgrade: websocket, h2c\r\n" + Connection + Accept + End);
        Refused("Upgrade: h2c, and another Upgrade: websocket", Status + "Upgrade: h2c\r\n" + Upgrade + Connection + Accept + End);
        Refused("No Connection", Status + Upgrade + Accept + End);
        Refused("Empty Connection", Status + Upgrade + "Connection:\r\n" + Accept + End);
        Refused("Connection: close", Status + Upgrade + "Connection: close\r\n" + Accept + End);
        Refused("Connection: keep-alive", Status + Upgrade + "Connection: keep-alive\r\n" + Accept + End);
        Refused("Connection: Upgraded", Status + Upgrade + "Connection: Upgraded\r\n" + Accept + End);
        Refused("Connection: keep alive Upgrade", Status + Upgrade + "Connection: keep-alive Upgrade\r\n" + Accept + End);
        Refused("The values changed for each other", Status + "Upgrade: Upgrade\r\nConnection: websocket\r\n" + Accept + End);
        Refused("Neither", Status + Accept + End);
    }

    private void WrongAccept()
    {
        Group(26, "Sec-WebSocket-Accept", "Only a server that has read the key can answer it; all else may be a cache, or another protocol.", "RFC 6455 §4.1", PeerRole.Client);
        Refused("Missing", Status + Upgrade + Connection + End);
        foreach ((string title, string value) in ((string, string)[])[
            ("Empty", ""),
            ("Of another key", ReplyStep.AcceptOfOther),
            ("The key itself", ReplyStep.Key),
            ("The hash without the GUID", ReplyStep.AcceptWithoutGuid),
            ("With the letters' case changed", ReplyStep.AcceptOtherCase),
            ("With a letter more", ReplyStep.Accept + "A"),
            ("With a letter before", "A" + ReplyStep.Accept),
            ("Without padding", ReplyStep.AcceptUnpadded),
            ("In quotes", "\"" + ReplyStep.Accept + "\""),
            ("Twice in one line", ReplyStep.Accept + ", " + ReplyStep.Accept),
            ("With a parameter", ReplyStep.Accept + "; q=1"),
        ])
        {
            Refused(title, Status + Upgrade + Connection + $"Sec-WebSocket-Accept: {value}\r\n" + End);
        }

        Refused("Right, then wrong", Status + Upgrade + Connection + Accept + $"Sec-WebSocket-Accept: {ReplyStep.AcceptOfOther}\r\n" + End);
        Refused("Wrong, then right", Status + Upgrade + Connection + $"Sec-WebSocket-Accept: {ReplyStep.AcceptOfOther}\r\n" + Accept + End);
        Refused("Two lines, both right", Status + Upgrade + Connection + Accept + Accept + End, Verdict.NonStrict, "took a header that must not stand twice (§11.3.3)");
        Refused("In another header", Status + Upgrade + Connection + $"X-WebSocket-Accept: {ReplyStep.Accept}\r\n" + End);
    }

    private void WrongStatus()
    {
        Group(27, "Other replies", "Only the status 101 switches protocols.", "RFC 6455 §4.1", PeerRole.Client);
        foreach (int status in (int[])[200, 201, 204, 206, 304, 400, 403, 404, 405, 426, 429, 500, 501, 503])
        {
            // RFC 9112 §6.3: the reply is complete, so that no client has a reason to wait for a body.
            string head = Status + Upgrade + Connection + Accept + (status is 204 or 304 ? "" : "Content-Length: 0\r\n") + End;
            Refused($"Status {status} with the headers of a 101", head.Replace("101 Switching Protocols", status.ToString(CultureInfo.InvariantCulture) + " Other", StringComparison.Ordinal));
        }

        foreach (string line in (string[])["HTTP/1.1 1010 Switching Protocols", "HTTP/1.1 0101 Switching Protocols", "HTTP/1.1 10 Switching Protocols", "HTTP/1.1 abc Switching Protocols", "HTTP/1.1 +101 Switching Protocols", "HTTP/1.1", "101 Switching Protocols", "HTTP 101 Switching Protocols", "ICY 101 Switching Protocols", "FTP/1.1 101 Switching Protocols", "http/1.1 101 Switching Protocols", "HTTP/11 101 Switching Protocols", "GET / HTTP/1.1"])
        {
            Refused($"Status line [{line}]", line + "\r\n" + Upgrade + Connection + Accept + End, line.StartsWith("http", StringComparison.Ordinal) ? Verdict.NonStrict : Verdict.Failed);
        }

        Refused("HTTP/1.0 101", Good.Replace("HTTP/1.1", "HTTP/1.0", StringComparison.Ordinal), Verdict.NonStrict, "went on, although HTTP/1.0 has no Upgrade (RFC 9110 §7.8)");
        Refused("HTTP/2.0 101", Good.Replace("HTTP/1.1", "HTTP/2.0", StringComparison.Ordinal), Verdict.NonStrict, "went on, although HTTP/2 has no such reply");
        Refused("HTTP/1.2 101", Good.Replace("HTTP/1.1", "HTTP/1.2", StringComparison.Ordinal), Verdict.Informational, Open);
        Refused("A banner of SSH", "SSH-2.0-OpenSSH_9.2\r\n\r\n");
        Refused("HTTP/0.9: a page without a head", "<html>\r\n<body>101</body>\r\n\r\n</html>\r\n");
        Refused("Status 403 with a body, and TCP left open", "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nforbidden");
        Refused("Status 503 with a body in chunks, and TCP left open", "HTTP/1.1 503 Busy\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbusy\r\n0\r\n\r\n");
        ByHand("A frame and no reply").Send(Text("Hello")).ShutDown().Then(new RefusalStep());
        ByHand("TCP ended without a reply").ShutDown().Then(new RefusalStep());
        ByHand("TCP ended inside the status line").Then(new ReplyStep("HTTP/1.1 10")).ShutDown().Then(new RefusalStep());
        ByHand("TCP ended inside the headers").Then(new ReplyStep(Status + Upgrade + Connection + Accept)).ShutDown().Then(new RefusalStep());
    }

    private void Negotiation()
    {
        Group(28, "Unoffered extensions and subprotocols", "A server may only choose what the client has offered.", "RFC 6455 §4.1", PeerRole.Client);
        foreach (string value in (string[])["x-unoffered", "x-unoffered; a=1", "permessage-deflate; x-unknown", "permessage-deflate, permessage-deflate", "permessage-deflate, x-unoffered", "permessage-deflate; server_max_window_bits=7", "permessage-deflate; server_no_context_takeover=1", "permessage-deflate; server_no_context_takeover; server_no_context_takeover", "permessage-deflate;", "permessage-deflate; =1", "; permessage-deflate", "permessage deflate", "\"permessage-deflate\""])
        {
            Refused($"Extension [{value}]", Negotiating($"Sec-WebSocket-Extensions: {value}\r\n"));
        }

        Refused("Two lines with an extension each", Negotiating("Sec-WebSocket-Extensions: x-one\r\nSec-WebSocket-Extensions: x-two\r\n"));
        Refused("An empty list of extensions", Negotiating("Sec-WebSocket-Extensions:\r\n"), Verdict.Informational, Open);
        Refused("A list of extensions of one comma", Negotiating("Sec-WebSocket-Extensions: ,\r\n"), Verdict.Informational, Open);
        Refused("Unoffered subprotocol", Negotiating("Sec-WebSocket-Protocol: x-unoffered\r\n"));
        Refused("Two subprotocols", Negotiating("Sec-WebSocket-Protocol: x-one, x-two\r\n"));
        Refused("Two lines with a subprotocol each", Negotiating("Sec-WebSocket-Protocol: x-one\r\nSec-WebSocket-Protocol: x-two\r\n"));
        Refused("A subprotocol that is no token", Negotiating("Sec-WebSocket-Protocol: x(one)\r\n"));
        Refused("An empty subprotocol", Negotiating("Sec-WebSocket-Protocol:\r\n"), Verdict.NonStrict, "took a header with no value where one token must stand (§4.2.2)");
    }

    private void Grammar()
    {
        Group(29, "Heads that are not quite HTTP", "What one program reads otherwise than the next one is how messages are smuggled; RFC 9112 leaves some of it open.", "RFC 9112 §2.2, §5", PeerRole.Client);
        const string Bare = "went on, as RFC 9112 §2.2 allows";
        Refused("Lines that end in a bare LF", Good.Replace("\r\n", "\n", StringComparison.Ordinal), Verdict.Informational, Bare);
        Refused("One line that ends in a bare LF", Status + Upgrade.Replace("\r", "", StringComparison.Ordinal) + Connection + Accept + End, Verdict.Informational, Bare);
        Refused("A bare CR in a value", Status + "X-Header: a\rb\r\n" + Upgrade + Connection + Accept + End, Verdict.NonStrict, "took a bare CR in a value (RFC 9112 §2.2, RFC 9110 §5.5)");
        Refused("A bare LF in Sec-WebSocket-Accept", Status + Upgrade + Connection + $"Sec-WebSocket-Accept: {ReplyStep.Accept}\nX-Header: a\r\n" + End, Verdict.Informational, Bare);
        Refused("NUL in a value", Status + "X-Header: a\0b\r\n" + Upgrade + Connection + Accept + End, Verdict.NonStrict, "took NUL in a value (RFC 9110 §5.5)");
        Refused("Another control character in a value", Status + "X-Header: a\u0001b\r\n" + Upgrade + Connection + Accept + End, Verdict.Informational, Open);
        Refused("A folded value", Status + "X-Header: a\r\n b\r\n" + Upgrade + Connection + Accept + End, Verdict.Informational, "took a folded value, as RFC 9112 §5.2 asks of user agents");
        Refused("A folded Upgrade", Status + "Upgrade:\r\n websocket\r\n" + Connection + Accept + End, Verdict.Informational, "took a folded value, as RFC 9112 §5.2 asks of user agents");
        Refused("Whitespace before the first header", Status + " X-Header: a\r\n" + Upgrade + Connection + Accept + End, Verdict.Informational, "went on, as RFC 9112 §2.2 allows if it left the line out");
        Refused("Whitespace before a colon", Status + Upgrade + Connection + $"Sec-WebSocket-Accept : {ReplyStep.Accept}\r\n" + End, Verdict.NonStrict, "took whitespace between name and colon (RFC 9112 §5.1)");
        Refused("A line without a colon", Status + "X-Header\r\n" + Upgrade + Connection + Accept + End, Verdict.NonStrict, "took a line that is no header");
        Refused("A line without a name", Status + ": value\r\n" + Upgrade + Connection + Accept + End, Verdict.NonStrict, "took a line that is no header");
        Refused("A name that is no token", Status + "X(Header): a\r\n" + Upgrade + Connection + Accept + End, Verdict.NonStrict, "took a name that is no token");
        Refused("A name beyond ASCII", Status + "X-Hëader: a\r\n" + Upgrade + Connection + Accept + End, Verdict.NonStrict, "took a name that is no token");
        Refused("Content-Length: 5", Status + "Content-Length: 5\r\n" + Upgrade + Connection + Accept + End, Verdict.Informational, "went on, although a server must not send this (RFC 9110 §8.6)");
        Refused("Transfer-Encoding: chunked", Status + "Transfer-Encoding: chunked\r\n" + Upgrade + Connection + Accept + End, Verdict.Informational, "went on, although a server must not send this (RFC 9112 §6.1)");
        Refused("An empty line before", "\r\n" + Good, Verdict.Informational, Open);
        Refused("Two spaces in the status line", Good.Replace("HTTP/1.1 101", "HTTP/1.1  101", StringComparison.Ordinal), Verdict.Informational, Open);
        Refused("No space behind the status", Good.Replace("101 Switching Protocols", "101", StringComparison.Ordinal), Verdict.Informational, "went on without the space that RFC 9112 §4 wants behind the status");
    }

    private void Sizes()
    {
        Group(30, "Heads that are large", "A client bounds what it takes; where, is its own choice. One that never ends must not be waited for.", "RFC 6455 §10.4, RFC 9112 §3", PeerRole.Client);
        foreach (int size in (int[])[4096, 16 * 1024, 64 * 1024, 1024 * 1024])
        {
            string line = $"X-Header: {new string('x', size)}\r\n";
            ByHand($"A header of {size:N0} bytes").Then(new ReplyStep(Status + line + Upgrade + Connection + Accept + End)).Then(new OpenOutcomeStep($"a header of {size:N0} bytes"));
        }

        foreach (int count in (int[])[100, 1000, 10_000])
        {
            string lines = string.Concat(Enumerable.Range(0, count).Select(i => $"X-{i}: x\r\n"));
            ByHand($"{count:N0} headers").Then(new ReplyStep(Status + lines + Upgrade + Connection + Accept + End)).Then(new OpenOutcomeStep($"{count:N0} headers"));
        }

        ByHand("Headers without an end").Then(new EndlessHeadStep(Status, "X-Header: more and more\r\n", 8 << 20));
        ByHand("One header without an end").Then(new EndlessHeadStep(Status + "X-Header: ", "xxxxxxxxxxxxxxxx", 8 << 20));
        ByHand("A status line without an end").Then(new EndlessHeadStep("HTTP/1.1 101 ", "Switching and on ", 8 << 20));
        ByHand("A server that never ends its 1xx").Then(new EndlessHeadStep("", "HTTP/1.1 103 Early Hints\r\n\r\n", 8 << 20));
    }

    private void Elsewhere()
    {
        Group(31, "Redirects and credentials", "Replies that HTTP handles: a client may follow, or give up.", "RFC 6455 §4.1, RFC 9110 §11, §15.4", PeerRole.Client);
        foreach (int status in (int[])[301, 302, 303, 307, 308])
        {
            ByHand($"Redirect {status}").Then(new ReplyStep($"HTTP/1.1 {status} Elsewhere\r\nLocation: {ReplyStep.Elsewhere}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")).Then(new ElsewhereStep());
        }

        ByHand("Redirect to a path").Then(new ReplyStep("HTTP/1.1 302 Elsewhere\r\nLocation: /\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")).Then(new ElsewhereStep());
        ByHand("Redirect without Location").Then(new ReplyStep("HTTP/1.1 302 Elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")).Then(new ElsewhereStep());
        ByHand("401 Basic").Then(new ReplyStep("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"conformance\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")).Then(new ElsewhereStep());
        ByHand("401 Digest").Then(new ReplyStep("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"conformance\", qop=\"auth\", algorithm=SHA-256, nonce=\"abc\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")).Then(new ElsewhereStep());
        ByHand("503 with Retry-After").Then(new ReplyStep("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")).Then(new ElsewhereStep());
        ByHand("426 with another version").Then(new ReplyStep("HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 8\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")).Then(new ElsewhereStep());
        ByHand("403 with a body").Then(new ReplyStep("HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 9\r\nConnection: close\r\n\r\nforbidden")).Then(new ElsewhereStep());
    }

    private static string Negotiating(string lines) => Status + Upgrade + Connection + Accept + lines + End;
}
