using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>One thing that the peer may do.</summary>
internal abstract record Expectation
{
    public virtual bool NeedsEcho => false;

    public abstract bool Matches(WireEvent found);

    /// <summary>How something of the same kind differs, or nothing.</summary>
    public virtual string Difference(WireEvent found) => "";
}

/// <summary>A message, in as many fragments as the peer likes.</summary>
internal sealed record MessageIs(Opcode Kind, Payload Payload) : Expectation
{
    public override bool NeedsEcho => true;

    public override bool Matches(WireEvent found) => found is MessageEvent message && message.Kind == Kind && message.Payload.AsSpan().SequenceEqual(Payload.ToArray());

    public override string Difference(WireEvent found)
    {
        if (found is not MessageEvent message || message.Kind != Kind)
        {
            return "";
        }

        byte[] expected = Payload.ToArray();
        int same = message.Payload.AsSpan().CommonPrefixLength(expected);
        return message.Payload.Length == expected.Length ? $", which differs at byte {same:N0}" : $", which has {message.Payload.Length:N0} bytes instead of {expected.Length:N0}, and differs at byte {same:N0}";
    }

    public override string ToString() => $"a {(Kind == Opcode.Text ? "text" : "binary")} message: {Payload}";
}

/// <summary>A pong.</summary>
internal sealed record PongIs(Payload Payload) : Expectation
{
    public override bool Matches(WireEvent found) => found is PongEvent pong && pong.Payload.AsSpan().SequenceEqual(Payload.ToArray());

    public override string ToString() => $"a pong: {Payload}";
}

/// <summary>A Close frame with one of some codes; without any, each well-formed one.</summary>
internal sealed record CloseIs(params int[] Codes) : Expectation
{
    public override bool Matches(WireEvent found) => found is CloseEvent close && (Codes.Length == 0 || Codes.Contains(close.Code));

    public override string ToString() => Codes.Length == 0 ? "a Close frame" : $"Close {string.Join(" or ", Codes.Select(code => code == CloseEvent.NoCode ? "without a code" : $"{code}"))}";
}

/// <summary>The end of TCP, however it comes.</summary>
internal sealed record EndIs : Expectation
{
    public override bool Matches(WireEvent found) => found is EndEvent;

    public override string ToString() => "TCP closed";
}

/// <summary>
/// The peer fails the connection (RFC 6455 §7.1.7): Close with one of these codes, then the end of TCP. Ends the script. What
/// comes near is judged by <see cref="Failing"/>.
/// </summary>
internal sealed record FailureIs(params int[] Codes) : Expectation
{
    public override bool Matches(WireEvent found) => found is CloseEvent or EndEvent;

    public override string ToString() => $"the connection failed with {string.Join(" or ", Codes)}";
}
