using Wspy.Conformance.Deflate;

namespace Wspy.Conformance.Wire;

/// <summary>Something that the peer under test did.</summary>
/// <param name="At">Since the connection was begun.</param>
internal abstract record WireEvent(TimeSpan At);

/// <summary>A whole message.</summary>
internal sealed record MessageEvent(TimeSpan At, Opcode Kind, byte[] Payload, int Fragments, ReservedBits Reserved) : WireEvent(At)
{
    /// <summary>How it was compressed, where it was.</summary>
    public Inflated? Compression { get; init; }

    public override string ToString() =>
        $"a {(Kind == Opcode.Text ? "text" : "binary")} message{(Fragments > 1 ? $" in {Fragments} fragments" : "")}{(Compression is { } inflated ? $" of {inflated.Size:N0} compressed bytes" : Reserved == 0 ? "" : " with RSV1")}: {Show.Payload(Payload)}";
}

/// <summary>A ping; the engine has answered it.</summary>
internal sealed record PingEvent(TimeSpan At, byte[] Payload) : WireEvent(At)
{
    public override string ToString() => $"a ping: {Show.Payload(Payload)}";
}

/// <summary>A pong.</summary>
internal sealed record PongEvent(TimeSpan At, byte[] Payload) : WireEvent(At)
{
    public override string ToString() => $"a pong: {Show.Payload(Payload)}";
}

/// <summary>A well-formed Close frame.</summary>
/// <param name="At">Since the connection was begun.</param>
/// <param name="Code">1005 when the frame was empty.</param>
/// <param name="Reason">The reason.</param>
internal sealed record CloseEvent(TimeSpan At, int Code, string Reason) : WireEvent(At)
{
    public const int NoCode = 1005;

    public override string ToString() => Code == NoCode ? "an empty Close" : $"Close {Code}{(Reason.Length == 0 ? "" : $" \"{Reason}\"")}";
}

/// <summary>The end of the stream.</summary>
internal sealed record EndEvent(TimeSpan At, bool Reset) : WireEvent(At)
{
    public override string ToString() => Reset ? "TCP reset" : "TCP closed";
}

/// <summary>Something that no peer may ever send.</summary>
internal sealed record OffenceEvent(TimeSpan At, string What) : WireEvent(At)
{
    public override string ToString() => What;
}

/// <summary>The head of an HTTP response.</summary>
internal sealed record ResponseEvent(TimeSpan At, HttpResponseHead Head) : WireEvent(At)
{
    public override string ToString() => $"HTTP {Head}";
}
