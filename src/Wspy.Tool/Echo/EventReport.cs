namespace Wspy.Tool.Echo;

/// <summary>One event of a watched connection, as JSON to its page. Members that say nothing are left out.</summary>
internal sealed record EventReport
{
    /// <summary>watching, clock, open, message, ping, pong, ping sent, close sent, dropped, close or error.</summary>
    public required string Event { get; init; }

    /// <summary>By the server's clock: milliseconds since 1970-01-01 UTC, with fractions.</summary>
    public required double Time { get; init; }

    public long? Connection { get; init; }

    public string? Remote { get; init; }

    public string? Subprotocol { get; init; }

    public string? Opcode { get; init; }

    /// <summary>Bytes of payload.</summary>
    public int? Size { get; init; }

    /// <summary>The payload of a control frame, as text.</summary>
    public string? Payload { get; init; }

    /// <summary>Milliseconds from ping to pong.</summary>
    public double? RoundTrip { get; init; }

    public int? Code { get; init; }

    public string? Reason { get; init; }

    public string? Initiator { get; init; }

    public bool? Clean { get; init; }

    public string? Error { get; init; }

    public string? Text { get; init; }

    /// <summary>The page's own time, given back with <see cref="Time"/>: from both it learns how the clocks differ.</summary>
    public double? Sent { get; init; }

    public string? Server { get; init; }

    public long? MaxMessageSize { get; init; }

    public IReadOnlyList<string>? Subprotocols { get; init; }
}
