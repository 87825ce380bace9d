using Wspy.Conformance.Steps;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

/// <summary>Section 10: the opening handshake, of servers.</summary>
internal sealed partial class OpeningSection() : CatalogueSection(10, "Opening handshake")
{
    private static readonly OpeningRequest Plain = new();

    protected override void Define()
    {
        Group(1, "Requests in order", "A request may say the same in many ways.", "RFC 6455 §4.2.1, RFC 9110 §5", PeerRole.Server);
        Accepted("as plain as can be", Plain);
        Accepted("names of headers in lower case", Plain.Lines(line => line[..line.IndexOf(':', StringComparison.Ordinal)].ToLowerInvariant() + line[line.IndexOf(':', StringComparison.Ordinal)..]));
        Accepted("names of headers in upper case", Plain.Lines(line => line[..line.IndexOf(':', StringComparison.Ordinal)].ToUpperInvariant() + line[line.IndexOf(':', StringComparison.Ordinal)..]));
        Accepted("headers in reverse order", Plain.Reversed());
        Accepted("Upgrade: WebSocket", Plain.With("Upgrade", "WebSocket"));
        Accepted("Upgrade: WEBSOCKET", Plain.With("Upgrade", "WEBSOCKET"));
        Accepted("Connection: upgrade", Plain.With("Connection", "upgrade"));
        Accepted("Connection: UPGRADE", Plain.With("Connection", "UPGRADE"));
        Accepted("Connection: keep-alive, Upgrade", Plain.With("Connection", "keep-alive, Upgrade"));
        Accepted("Connection: Upgrade,keep-alive", Plain.With("Connection", "Upgrade,keep-alive"));
        Accepted("Connection with empty elements", Plain.With("Connection", ", ,Upgrade ,"));
        Accepted("two Connection headers", Plain.With("Connection", "keep-alive").Line("Connection: Upgrade"));
        Accepted("spaces and tabs around values", Plain.Lines(line => line.Replace(": ", ": \t ", StringComparison.Ordinal) + " \t "));
        Accepted("no space after colons", Plain.Lines(line => line.Replace(": ", ":", StringComparison.Ordinal)));
        Accepted("headers that nobody knows", Plain.Line("X-Unknown: 1").Line("Sec-WebSocket-Unknown: 1").Line("X-Empty:"));
        Accepted("fifty headers more", Enumerable.Range(0, 50).Aggregate(Plain, (request, i) => request.Line($"X-Header-{i}: {i}")));
        Accepted("a header of 4,000 bytes", Plain.Line($"Cookie: a={new string('x', 4000)}"));
        Accepted("bytes beyond ASCII in a value", Plain.Line("X-Name: J\u00FCrgen"));
        Accepted("an extension that nobody knows", Plain.Line("Sec-WebSocket-Extensions: x-unknown; a=1; b=\"2\", x-other"));
        Accepted("the target in absolute form", Plain with { First = "GET http://{host}{target} HTTP/1.1" }, "RFC 9112 §3.2.2");
        Accepted("a key with + and /", Plain.With("Sec-WebSocket-Key", "+/+/+/+/+/+/+/+/+/+/+w=="), key: "+/+/+/+/+/+/+/+/+/+/+w==");
        Accepted("a key of zeros", Plain.With("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="), key: "AAAAAAAAAAAAAAAAAAAAAA==");
        Case("A subprotocol that nobody knows", "A server that speaks none of the subprotocols names none; it may also refuse.").Then(Ask("a subprotocol that nobody knows", Plain.Line("Sec-WebSocket-Protocol: x-unknown-1, x-unknown-2")))
            .Expect(new AcceptedIs()).Or(Verdict.Informational, "refused, as a server may", new RefusedIs()).Opening(Opening.ByHand);
        Case("An empty line first", "\"A server SHOULD ignore at least one empty line\" before a request.", "RFC 9112 §2.2").Then(Ask("an empty line first", Plain with { Before = "\r\n" }))
            .Expect(new AcceptedIs()).Or(Verdict.NonStrict, "refused because of an empty line", new RefusedIs()).Or(Verdict.NonStrict, "closed because of an empty line", IsEnd).Opening(Opening.ByHand);

        Group(2, "Requests cut by TCP", "A head may come in any pieces, and what follows it belongs to the protocol.", "RFC 6455 §4.2.1", PeerRole.Server);
        foreach (int segment in (int[])[1, 2, 7, 61])
        {
            Case($"In segments of {segment}").Then(Ask("in order", Plain) with { Segment = segment }).Expect(new AcceptedIs()).Send(Ping("p")).Expect(IsPong("p")).Close().Opening(Opening.ByHand);
        }

        Case("Byte by byte, with pauses").Then(Ask("in order", Plain) with { Segment = 1, Pause = TimeSpan.FromMilliseconds(5) }).Expect(new AcceptedIs()).Send(Ping("p")).Expect(IsPong("p")).Close().Opening(Opening.ByHand);
        Case("A ping right behind the head").Then(Ask("in order", Plain) with { Behind = [Ping("early")] }).Expect(new AcceptedIs(), IsPong("early")).Close().Opening(Opening.ByHand);
        Case("Half a ping right behind the head").Then(Ask("in order", Plain) with { Behind = [Ping("early").Begin(2)] }).Expect(new AcceptedIs()).Send(Ping("early").Body(2..)).Expect(IsPong("early")).Close().Opening(Opening.ByHand);
        Case("The head is not complete, and TCP ends").Then(Ask("without its end", Plain with { After = "" })).ShutDown().Expect(IsEnd).Or(new RefusedIs()).Opening(Opening.ByHand);
        Case("Nothing, and TCP ends").ShutDown().Expect(IsEnd).Or(new RefusedIs()).Opening(Opening.ByHand);

        Lines();
        Values();
        Malformed();
        Limits();
        AfterRefusal();
    }

    private static RequestStep Ask(string name, OpeningRequest request) => new(name, request, int.MaxValue, TimeSpan.Zero, []);

    private void Accepted(string name, OpeningRequest request, string? rfc = null, string key = OpeningRequest.SampleKey) =>
        Case($"{char.ToUpperInvariant(name[0])}{name[1..]}", rfc: rfc).Then(Ask(name, request)).Expect(new AcceptedIs(key)).Send(Ping("p")).Expect(IsPong("p")).Close().Opening(Opening.ByHand);

    /// <summary>Must not be accepted; the status should be one of these, if any are given.</summary>
    private CaseBuilder Refused(string name, OpeningRequest request, params int[] codes)
    {
        CaseBuilder script = Case($"{char.ToUpperInvariant(name[0])}{name[1..]}").Then(Ask(name, request)).Expect(new RefusedIs(codes)).Opening(Opening.ByHand);
        return (codes.Length == 0 ? script : script.Or(Verdict.NonStrict, "refused with another status", new RefusedIs()))
            .Or(Verdict.NonStrict, "closed without a response", IsEnd);
    }
}
