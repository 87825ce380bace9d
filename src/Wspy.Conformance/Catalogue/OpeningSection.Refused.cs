using Wspy.Conformance.Steps;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

internal sealed partial class OpeningSection
{
    private void Lines()
    {
        Group(3, "Methods and versions", "A WebSocket is asked for by GET and HTTP/1.1 or higher.", "RFC 6455 §4.2.1, RFC 9112 §3", PeerRole.Server);
        foreach (string method in (string[])["POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "get", "GETS", "XYZ"])
        {
            Refused($"method {method}", Plain with { First = $"{method} {{target}} HTTP/1.1" });
        }

        foreach (string version in (string[])["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/11", "HTTX/1.1", "http/1.1", "HTTP/1.1.1", "HTTP/1,1", "1.1"])
        {
            Refused($"version {version}", Plain with { First = $"GET {{target}} {version}" });
        }

        Refused("no version", Plain with { First = "GET {target}" });
        Refused("no target", Plain with { First = "GET  HTTP/1.1" });
        Refused("a space in the target", Plain with { First = "GET /a b HTTP/1.1" });
        Refused("a fourth word", Plain with { First = "GET {target} HTTP/1.1 x" });
        Refused("bytes that are no HTTP", Plain with { First = "\u0016\u0003\u0001\u0002\0\u0001\0\u0001" });
        Refused("frames and no request", Plain with { First = "\u0081\u0085\u0001\u0002\u0003\u0004abcde" });

        Group(4, "Missing headers", "Each of these headers is required.", "RFC 6455 §4.2.1", PeerRole.Server);
        Refused("no Host", Plain.Without("Host"), 400);
        Refused("no Upgrade", Plain.Without("Upgrade"));
        Refused("no Connection", Plain.Without("Connection"));
        Refused("no Sec-WebSocket-Key", Plain.Without("Sec-WebSocket-Key"), 400);
        Refused("no Sec-WebSocket-Version", Plain.Without("Sec-WebSocket-Version"), 400, 426);
        Refused("only Host", new OpeningRequest().Without("Upgrade").Without("Connection").Without("Sec-WebSocket-Key").Without("Sec-WebSocket-Version"));
    }

    private void Values()
    {
        Group(5, "Versions of the protocol", "Another version than 13 is answered by 426, or 400, and a list of those that are spoken.", "RFC 6455 §4.2.2, §4.4", PeerRole.Server);
        foreach (string version in (string[])["0", "7", "8", "12", "14", "25", "255", "256", "013", "1 3", "13.0", "-13", "x", ""])
        {
            Case($"Sec-WebSocket-Version: {version}").Then(Ask($"version {version}", Plain.With("Sec-WebSocket-Version", version)))
                .Expect(new RefusedIs(400, 426) { Header = "Sec-WebSocket-Version" })
                .Or(Verdict.NonStrict, "refused without Sec-WebSocket-Version, or with another status", new RefusedIs())
                .Or(Verdict.NonStrict, "closed without a response", IsEnd).Opening(Opening.ByHand);
        }

        Group(6, "Keys", "A key is 16 bytes in base64.", "RFC 6455 §4.2.1", PeerRole.Server);
        foreach (string key in (string[])["", "x", "AAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAA AAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAA!==", "AAAAAAAAAAAAAAAAAAAAAA==AAAA", "__________________-__w=="])
        {
            Refused($"key \"{key}\"", Plain.With("Sec-WebSocket-Key", key), 400);
        }

        Group(7, "Other values", "Each header says what it must, once.", "RFC 6455 §4.2.1, RFC 9110 §5.3", PeerRole.Server);
        foreach (string upgrade in (string[])["websockets", "web socket", "h2c", "TLS/1.0", ""])
        {
            Refused($"Upgrade: {upgrade}", Plain.With("Upgrade", upgrade));
        }

        foreach (string connection in (string[])["close", "keep-alive", "Upgraded", "Up grade", ""])
        {
            Refused($"Connection: {connection}", Plain.With("Connection", connection));
        }

        Refused("two keys", Plain.Line($"Sec-WebSocket-Key: {OpeningRequest.SampleKey}"), 400);
        Refused("two versions", Plain.Line("Sec-WebSocket-Version: 13"), 400, 426);
        Refused("two versions, 8 and 13", Plain.With("Sec-WebSocket-Version", "8, 13"), 400, 426);
        Refused("two Host headers", Plain.Line("Host: example.com"), 400);
        Refused("an empty subprotocol", Plain.Line("Sec-WebSocket-Protocol: ,"), 400).Or(Verdict.NonStrict, "the empty list was taken", new AcceptedIs());
        Refused("a subprotocol that is no token", Plain.Line("Sec-WebSocket-Protocol: a b"), 400).Or(Verdict.NonStrict, "the malformed list was taken", new AcceptedIs());
        Refused("a malformed extension", Plain.Line("Sec-WebSocket-Extensions: ;;="), 400).Or(Verdict.NonStrict, "the malformed list was taken", new AcceptedIs());
    }

    private void Malformed()
    {
        Group(8, "Malformed heads", "What two parsers may read in two ways lets requests through that should not pass.", "RFC 9112 §2.2, §5, §11.2", PeerRole.Server);
        Refused("a space before a colon", Plain.Line("X-Header : 1"), 400);
        Refused("a line without a colon", Plain.Line("X-Header"), 400);
        Refused("an empty name", Plain.Line(": 1"), 400);
        Refused("a space in a name", Plain.Line("X Header: 1"), 400);
        Refused("a NUL in a value", Plain.Line("X-Header: a\0b"), 400);
        Refused("a CR in a value", Plain.Line("X-Header: a\rb"), 400);
        Refused("a byte beyond ASCII in a name", Plain.Line("X-H\u00E4der: 1"), 400);
        Refused("a space before the first header", Plain with { First = "GET {target} HTTP/1.1\r\n X-Header: 1" }, 400).Or(Verdict.NonStrict, "the line was passed over, as RFC 9112 §2.2 allows", new AcceptedIs());
        Refused("a folded line", Plain.Line("X-Header: a\r\n b"), 400).Or(Verdict.Informational, "the line was unfolded, as RFC 9112 §5.2 allows", new AcceptedIs());
        Refused("lines that end in LF alone", Plain with { LineEnd = "\n", After = "\n" }, 400).Or(Verdict.Informational, "LF alone was taken for a line's end, as RFC 9112 §2.2 allows", new AcceptedIs());
        Refused("lines that end in CR alone", Plain with { LineEnd = "\r", After = "\r\r\n\r\n" }, 400);
        Refused("a body by Content-Length and Transfer-Encoding", Plain.Line("Content-Length: 5").Line("Transfer-Encoding: chunked"), 400);
        Refused("two lengths of a body", Plain.Line("Content-Length: 5").Line("Content-Length: 6"), 400);
        Refused("a negative length of a body", Plain.Line("Content-Length: -1"), 400);
    }

    private void Limits()
    {
        const string Purpose = "A head has a limit, and whoever exceeds it learns that by a status, before memory is spent.";
        Group(9, "Oversize heads", Purpose, "RFC 6585 §5, RFC 9112 §3", PeerRole.Server);
        foreach ((string name, OpeningRequest request) in ((string, OpeningRequest)[])[
            ("a header of 1 MiB", Plain.Line($"X-Header: {new string('x', 1 << 20)}")),
            ("a target of 1 MiB", Plain with { First = $"GET /{new string('x', 1 << 20)} HTTP/1.1" }),
            ("a name of 1 MiB", Plain.Line($"X{new string('x', 1 << 20)}: 1")),
            ("20,000 headers", Enumerable.Range(0, 1).Aggregate(Plain, (line, _) => line.Line(string.Join("\r\n", Enumerable.Range(0, 20_000).Select(i => $"X-{i}: {i}"))))),
        ])
        {
            Refused(name, request, 400, 413, 414, 431).Or(Verdict.Informational, "taken: the limit is higher, or there is none", new AcceptedIs()).ExpectOthersServed();
        }

        Case("An endless line", Purpose).Then(Ask("an endless line", new OpeningRequest { First = $"GET /{new string('x', 4 << 20)}", After = "" })).Expect(new RefusedIs(400, 414, 431))
            .Or(Verdict.NonStrict, "refused with another status", new RefusedIs()).Or(Verdict.NonStrict, "closed without a response", IsEnd).ExpectOthersServed().Opening(Opening.ByHand);
        Case("Silence", "Who says nothing holds up nobody else.", "RFC 6455 §10.7").Wait(TimeSpan.FromMilliseconds(200)).ExpectOthersServed().Opening(Opening.ByHand);
        Case("Half a head", "Who never ends its head holds up nobody else.", "RFC 6455 §10.7").Then(Ask("without its end", Plain with { After = "" })).Wait(TimeSpan.FromMilliseconds(200)).ExpectOthersServed().Opening(Opening.ByHand);
    }

    private void AfterRefusal()
    {
        Group(10, "After a refusal", "What follows a refused request is neither frames nor part of a WebSocket.", "RFC 6455 §4.2.2, RFC 9112 §11.2", PeerRole.Server);
        foreach ((string name, OpeningRequest request) in ((string, OpeningRequest)[])[
            ("no key", Plain.Without("Sec-WebSocket-Key")),
            ("version 8", Plain.With("Sec-WebSocket-Version", "8")),
            ("POST", Plain with { First = "POST {target} HTTP/1.1" }),
            ("no Upgrade", Plain.Without("Upgrade")),
        ])
        {
            Case($"{name}, then a ping").Then(Ask(name, request) with { Behind = [Ping("smuggled"), Text("smuggled")] }).Expect(new RefusedIs()).Or(Verdict.NonStrict, "closed without a response", IsEnd)
                .Then(new NoFramesStep()).Opening(Opening.ByHand);
        }

        Case("No key, then a request in order").Then(Ask("one without a key, and one in order behind it", Plain with { Before = Plain.Without("Sec-WebSocket-Key").ToString("{host}", "{target}") }))
            .Expect(new RefusedIs()).Or(Verdict.NonStrict, "closed without a response", IsEnd).Then(new NoFramesStep()).Opening(Opening.ByHand);
    }
}
