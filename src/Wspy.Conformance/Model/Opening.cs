namespace Wspy.Conformance;

/// <summary>How the connection of a case begins.</summary>
internal sealed record Opening
{
    /// <summary>A plain opening handshake, done by the engine; it has succeeded before the first step.</summary>
    public static Opening Standard { get; } = new();

    /// <summary>
    /// None: the steps write and judge it. Where a server is tested they begin on a fresh TCP connection; where a client is,
    /// after its request has been read.
    /// </summary>
    public static Opening ByHand { get; } = new() { IsByHand = true };

    /// <summary>Whether the steps do the opening handshake.</summary>
    public bool IsByHand { get; private init; }

    /// <summary>
    /// Offered to a server in <c>Sec-WebSocket-Extensions</c>; to a client that offers the same extension it is the answer.
    /// The case is unsupported where the extension does not come about.
    /// </summary>
    public string? Extension { get; init; }
}
