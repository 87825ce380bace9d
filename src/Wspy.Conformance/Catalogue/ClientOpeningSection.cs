using System.Buffers.Text;
using System.Text;
using Wspy.Conformance.Engine;
using Wspy.Conformance.Steps;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

/// <summary>
/// Section 10 for clients: the request that they send, and replies as a server would get them right and wrong. The groups are
/// numbered from 21; those before are for servers.
/// </summary>
internal sealed partial class ClientOpeningSection() : CatalogueSection(10, "Opening handshake")
{
    private const string Status = "HTTP/1.1 101 Switching Protocols\r\n";
    private const string Upgrade = "Upgrade: websocket\r\n";
    private const string Connection = "Connection: Upgrade\r\n";
    private const string Accept = $"Sec-WebSocket-Accept: {ReplyStep.Accept}\r\n";
    private const string End = "\r\n";
    private const string Good = Status + Upgrade + Connection + Accept + End;

    protected override void Define()
    {
        Requests();
        Variants();
        Behind();
        WrongHeaders();
        WrongAccept();
        WrongStatus();
        Negotiation();
        Grammar();
        Sizes();
        Elsewhere();
    }

    private void Requests()
    {
        Group(21, "The client's request", "What RFC 6455 §4.1 lists, a client sends.", "RFC 6455 §4.1", PeerRole.Client);
        Asks("The method is GET, the version HTTP/1.1", "GET /… HTTP/1.1", request =>
            request.Line.Split(' ') is ["GET", ['/', ..], "HTTP/1.1"] ? null : $"[{request.Line}]");
        Asks("No fragment in the target", "a target without #", request => request.Target.Contains('#') ? request.Target : null);
        Asks("One Host", "one Host header with host and port", request => request.All("Host") is [{ Length: > 0 } host] && host.Contains(':') ? null : Told(request, "Host"));
        Asks("Upgrade", "Upgrade: websocket", request => request.Tokens("Upgrade").Contains("websocket", StringComparer.OrdinalIgnoreCase) ? null : Told(request, "Upgrade"));
        Asks("Connection", "Connection: Upgrade", request => request.Tokens("Connection").Contains("Upgrade", StringComparer.OrdinalIgnoreCase) ? null : Told(request, "Connection"));
        Asks("Version", "one Sec-WebSocket-Version: 13", request => request.All("Sec-WebSocket-Version") is ["13"] ? null : Told(request, "Sec-WebSocket-Version"));
        Asks("One key of 16 bytes", "one Sec-WebSocket-Key, base64 of 16 bytes", request => request.All("Sec-WebSocket-Key") is [var key] && IsKey(key) ? null : Told(request, "Sec-WebSocket-Key"));
        Asks("A fresh key", "a key that no connection before had", request => request.HasFreshKey ? null : $"the key {request.Key} again");
        Asks("A key that is not of zeros", "a random key", request => Convert.TryFromBase64String(request.Key, new byte[64], out _) && Convert.FromBase64String(request.Key).Distinct().Count() > 4 ? null : request.Key);
        Asks("Lines that end in CR LF", "CR LF after each line", request => request.Head.Replace("\r\n", "", StringComparison.Ordinal).AsSpan().IndexOfAny('\r', '\n') < 0 ? null : "a lone CR or LF");
        Asks("Names that are tokens", "header lines of a token, a colon and a value", request => request.Headers.FirstOrDefault(header => !IsToken(header.Name)).Name);
        Asks("No body", "neither Content-Length nor Transfer-Encoding", request => request.All("Content-Length").Count + request.All("Transfer-Encoding").Count == 0 ? null : "a body announced");
        Asks("Subprotocols", "no empty and no repeated subprotocol", request => request.Tokens("Sec-WebSocket-Protocol") is var names && names.Distinct().Count() == names.Count && names.All(IsToken) ? null : Told(request, "Sec-WebSocket-Protocol"));
        Asks("Extensions", "names of extensions that are tokens", request => request.Tokens("Sec-WebSocket-Extensions").All(item => IsToken(item.Split(';')[0].Trim())) ? null : Told(request, "Sec-WebSocket-Extensions"));
        Asks("No Sec-WebSocket-Accept", "nothing that is for servers to send", request => request.All("Sec-WebSocket-Accept").Count == 0 ? null : Told(request, "Sec-WebSocket-Accept"));
        ByHand("Nothing behind the request before the reply has come", "A client waits for the reply before it sends a frame.").ExpectNoAnswer().Then(new ReplyStep(Good)).Then(new AcceptanceStep());
    }

    private void Variants()
    {
        Group(22, "Replies that are in order", "Names are compared without case, lists are lists, and whitespace around values does not count.", "RFC 6455 §4.1, RFC 9110 §5", PeerRole.Client);
        Taken("A plain reply", Good);
        Taken("Names in lower case", Good.Replace("Upgrade:", "upgrade:", StringComparison.Ordinal).Replace("Connection:", "connection:", StringComparison.Ordinal).Replace("Sec-WebSocket-Accept", "sec-websocket-accept", StringComparison.Ordinal));
        Taken("Names in upper case", Good.Replace("Upgrade:", "UPGRADE:", StringComparison.Ordinal).Replace("Connection:", "CONNECTION:", StringComparison.Ordinal).Replace("Sec-WebSocket-Accept", "SEC-WEBSOCKET-ACCEPT", StringComparison.Ordinal));
        Taken("Headers in another order", Status + Accept + Connection + Upgrade + End);
        Taken("Upgrade: WebSocket", Status + "Upgrade: WebSocket\r\n" + Connection + Accept + End);
        Taken("Upgrade: WEBSOCKET", Status + "Upgrade: WEBSOCKET\r\n" + Connection + Accept + End);
        Taken("Connection: upgrade", Status + Upgrade + "Connection: upgrade\r\n" + Accept + End);
        Taken("Connection: keep-alive, Upgrade", Status + Upgrade + "Connection: keep-alive, Upgrade\r\n" + Accept + End);
        Taken("Connection: Upgrade,keep-alive", Status + Upgrade + "Connection: Upgrade,keep-alive\r\n" + Accept + End);
        Taken("Connection with empty items", Status + Upgrade + "Connection: , ,Upgrade,\r\n" + Accept + End, Verdict.NonStrict, "gave up, although a recipient of a list ignores empty items (RFC 9110 §5.6.1)");
        Taken("Two Connection lines", Status + Upgrade + "Connection: keep-alive\r\n" + Connection + Accept + End);
        Taken("No space after the colons", Good.Replace(": ", ":", StringComparison.Ordinal));
        Taken("Spaces and tabs before the values", Good.Replace(": ", ": \t  ", StringComparison.Ordinal));
        Taken("Spaces and tabs after the values", Good.Replace("\r\n", " \t \r\n", StringComparison.Ordinal).Replace("Protocols \t ", "Protocols", StringComparison.Ordinal).Replace(" \t \r\n \t \r\n", " \t \r\n\r\n", StringComparison.Ordinal));
        Taken("Another reason phrase", Good.Replace("Switching Protocols", "Web Socket Protocol Handshake", StringComparison.Ordinal));
        Taken("A reason phrase with ISO 8859-1", Good.Replace("Switching Protocols", "Grüße", StringComparison.Ordinal));
        Taken("An empty reason phrase", Good.Replace("Switching Protocols", "", StringComparison.Ordinal));
        Taken("Headers that say nothing about WebSocket", Status + "Server: x/1.0 (y)\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nSet-Cookie: a=b; Path=/\r\nSet-Cookie: c=d\r\nX-Empty:\r\nX-Odd!#$%&'*+-.^_`|~: ä\r\n" + Upgrade + Connection + Accept + End);
        Taken("A hundred bytes of other headers in each of 40 lines", Status + string.Concat(Enumerable.Range(0, 40).Select(i => $"X-Header-{i}: {new string('x', 85)}\r\n")) + Upgrade + Connection + Accept + End);

        Group(23, "Replies that TCP cuts, and interim ones", "Where TCP cuts a reply has no meaning, and a client copes with 1xx before the final reply (RFC 9110 §15.2).", "RFC 6455 §4.1, RFC 9110 §15.2", PeerRole.Client);
        foreach (int segment in (int[])[1, 2, 7, 64])
        {
            Dripped($"In segments of {segment} bytes", segment, segment < 7 ? TimeSpan.FromMilliseconds(1) : TimeSpan.FromMilliseconds(10));
        }

        Case("Half a second before the reply").Opening(Opening.ByHand).Wait(TimeSpan.FromMilliseconds(500)).Then(new ReplyStep(Good)).Then(new AcceptanceStep());
        Taken("100 Continue before", "HTTP/1.1 100 Continue\r\n\r\n" + Good, Verdict.NonStrict, "gave up at a 1xx before the 101");
        Taken("103 Early Hints before", "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n" + Good, Verdict.NonStrict, "gave up at a 1xx before the 101");
        Taken("Two 1xx before", "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + Good, Verdict.NonStrict, "gave up at a 1xx before the 101");
    }

    private void Behind()
    {
        Group(24, "Frames right behind the reply", "What the server sends with its reply is the beginning of the connection, and not lost.", "RFC 6455 §4.1", PeerRole.Client);
        ByHand("A text").Then(new ReplyStep(Good, Text("Hello"))).Expect(IsText("Hello")).Close();
        ByHand("A ping").Then(new ReplyStep(Good, Ping("p"))).Expect(IsPong("p")).Close();
        ByHand("Ten texts").Then(new ReplyStep(Good, [.. Enumerable.Range(0, 10).Select(i => Text($"{i}"))])).Expect([.. Enumerable.Range(0, 10).Select(i => IsText($"{i}"))]).Close();
        ByHand("A part of a header, and the rest later").Then(new ReplyStep(Good, Raw(0x81))).Wait(TimeSpan.FromMilliseconds(50)).Send(Raw(0x05), Raw("Hello")).Expect(IsText("Hello")).Close();
        ByHand("100,000 bytes").Then(new ReplyStep(Good, Binary(Payload.Pattern(100_000)))).Expect(IsBinary(Payload.Pattern(100_000))).Close();
        ByHand("Close").Then(new ReplyStep(Good, Close(1000))).Expect(IsClose(1000), IsEnd);
        ByHand("A text and Close").Then(new ReplyStep(Good, Text("Hello"), Close(1000))).Expect(IsText("Hello"), IsClose(1000), IsEnd)
            .Or(Verdict.Informational, "the message before was not answered any more", IsClose(1000), IsEnd);
        ByHand("A frame with RSV1").Then(new ReplyStep(Good, Text("Hello").Rsv(4))).ExpectFailure(1002);
        ByHand("A masked text").Then(new ReplyStep(Good, Text("Hello").WronglyMasked)).ExpectFailure(1002);
        ByHand("A text, byte by byte with the reply").Then(new ReplyStep(Good, Text("Hello")) { Segment = 1, Pause = TimeSpan.FromMilliseconds(1) }).Expect(IsText("Hello")).Close();
        ByHand("The end of TCP", "The server ends TCP right after its reply; the client does the same.").Then(new ReplyStep(Good)).ShutDown().Expect(IsEnd).Or(IsClose(), IsEnd);
    }

    private CaseBuilder ByHand(string title, string? purpose = null) => Case(title, purpose).Opening(Opening.ByHand);

    private void Asks(string title, string what, Func<ClientRequest, string?> judge) =>
        ByHand(title).Then(new RequestIsStep(what, judge)).Then(new ReplyStep(Good)).Then(new AcceptanceStep());

    /// <summary>The client must go on.</summary>
    private void Taken(string title, string reply, Verdict refused = Verdict.Failed, string note = "") =>
        ByHand(title).Then(new ReplyStep(reply)).Then(new AcceptanceStep(refused, note));

    /// <summary>The client must give up.</summary>
    private void Refused(string title, string reply, Verdict accepted = Verdict.Failed, string note = "") =>
        ByHand(title).Then(new ReplyStep(reply)).Then(new RefusalStep(accepted, note));

    private void Dripped(string title, int segment, TimeSpan pause) =>
        ByHand(title).Then(new ReplyStep(Good) { Segment = segment, Pause = pause }).Then(new AcceptanceStep());

    private static string Told(ClientRequest request, string name) =>
        request.All(name) is { Count: > 0 } values ? string.Join(" and ", values.Select(value => $"{name}: {value}")) : $"no {name}";

    private static bool IsKey(string key) => key.Length == 24 && Base64.IsValid(key, out int size) && size == 16 && Convert.ToBase64String(Convert.FromBase64String(key)) == key;

    // RFC 9110 §5.6.2
    private static bool IsToken(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));
}
