using System.Buffers;
using System.Text;
using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;
using Wspy.Handshake;

namespace Wspy.Conformance.Steps;

/// <summary>Sends a request for a WebSocket to the server under test, and frames right behind it.</summary>
internal sealed record RequestStep(string Name, OpeningRequest Request, int Segment, TimeSpan Pause, IReadOnlyList<WirePart> Behind) : Step
{
    public override bool IsAction => true;

    public override Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        string head = Request.ToString(run.Server!.Host, run.Server.Target);
        var bytes = new ArrayBufferWriter<byte>();
        bytes.Write(Encoding.Latin1.GetBytes(head));
        foreach (WirePart part in Behind)
        {
            part.Write(bytes, PeerRole.Server);
        }

        string text = head.Length > 2000 ? $"{head[..1000]}…\n{head.Length:N0} characters in all" : head.TrimEnd();
        return run.Wire.SendAsync(bytes.WrittenMemory, Segment, Pause, Behind.Count == 0 ? text : $"{text}\n\n{string.Join('\n', Behind)}", cancellationToken);
    }

    public override string ToString() => $"send a request: {Name}";
}

/// <summary>The server accepts: 101, with all that §4.2.2 demands, and nothing that was not offered.</summary>
internal sealed record AcceptedIs(string Key = OpeningRequest.SampleKey) : Expectation
{
    public override bool Matches(WireEvent found) => found is ResponseEvent { Head.StatusCode: 101 } response && Problem(response.Head) is null;

    public override string Difference(WireEvent found) => found is ResponseEvent { Head.StatusCode: 101 } response ? $" with {Problem(response.Head)}" : "";

    private string? Problem(HttpResponseHead head)
    {
        string accept = HandshakeKey.ComputeAccept(Key);
        return head.Headers["Sec-WebSocket-Accept"] != accept ? $"Sec-WebSocket-Accept: {head.Headers["Sec-WebSocket-Accept"] ?? "none"} instead of {accept}"
            : !string.Equals(head.Headers["Upgrade"], "websocket", StringComparison.OrdinalIgnoreCase) ? $"Upgrade: {head.Headers["Upgrade"] ?? "none"}"
            : head.Headers["Connection"]?.Contains("upgrade", StringComparison.OrdinalIgnoreCase) != true ? $"Connection: {head.Headers["Connection"] ?? "none"}"
            : head.Headers.Contains("Sec-WebSocket-Extensions") ? "an extension that was not offered"
            : head.Headers.Contains("Sec-WebSocket-Protocol") ? "a subprotocol that was not offered"
            : head.Version != 1 ? "an HTTP version other than 1.1"
            : null;
    }

    public override string ToString() => "101 with the right Sec-WebSocket-Accept";
}

/// <summary>A response other than 101, with one of some codes; without any, all are good.</summary>
internal sealed record RefusedIs(params int[] Codes) : Expectation
{
    /// <summary>A header that must be in the response.</summary>
    public string? Header { get; init; }

    public override bool Matches(WireEvent found) => found is ResponseEvent { Head: { StatusCode: not 101 } head } && (Codes.Length == 0 || Codes.Contains(head.StatusCode)) && (Header is null || head.Headers.Contains(Header));

    public override string ToString() => (Codes.Length == 0 ? "a response other than 101" : $"status {string.Join(" or ", Codes)}") + (Header is null ? "" : $" with {Header}");
}
